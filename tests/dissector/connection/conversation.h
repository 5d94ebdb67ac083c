// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/connection/tracker.h"
#include "tests/support/record_builder.h"

namespace vsdump::support {

/// The flags of a SHUTDOWN of both directions.
inline constexpr std::uint32_t kBoth = 3;

/// What a packet says, besides where it goes and what it does.
struct PacketFields {
  std::uint32_t length = 0;  ///< of payload, made up where `payload` is empty
  std::uint32_t flags = 0;
  std::uint32_t bufAlloc = 262144;
  std::uint32_t fwdCnt = 0;
  std::string payload{};
};

/// A tracker and everything that it tells.
class HeardTracker : public ConnectionConsumer {
 public:
  explicit HeardTracker(TrackerLimits limits) : tracker(*this, limits, KeyHash(1)) {}

  void ended(const Connection& connection) override { rows.push_back(connection); }
  void found(const Finding& finding) override { findings.push_back(finding); }
  void stalled(const Stall& stall) override { stalls.push_back(stall); }

  std::vector<Connection> rows;
  std::vector<Finding> findings;
  std::vector<Stall> stalls;
  ConnectionTracker tracker;
};

/// A tracker that hears packets as a script sends them, and everything that it tells. Beside it
/// goes another one that takes each packet the long way, as packets with an anomaly do: both have
/// to say the same.
class Conversation : public HeardTracker {
 public:
  explicit Conversation(TrackerLimits limits = {}) : HeardTracker(limits), longWay_(limits) {}

  /// The client, 3.9999, to the server, 2.5000, and back.
  Observation client(VirtioOp op, PacketFields fields = {}) {
    return send(clientEnd, serverEnd, op, fields);
  }
  Observation server(VirtioOp op, PacketFields fields = {}) {
    return send(serverEnd, clientEnd, op, fields);
  }
  /// RST of a side that has no socket.
  Observation clientRst() { return client(VirtioOp::Rst, {.bufAlloc = 0}); }
  Observation serverRst() { return server(VirtioOp::Rst, {.bufAlloc = 0}); }

  void open(std::uint32_t clientBuffer = 262144, std::uint32_t serverBuffer = 262144) {
    client(VirtioOp::Request, {.bufAlloc = clientBuffer});
    wait(1);
    server(VirtioOp::Response, {.bufAlloc = serverBuffer});
    wait(1);
  }

  Observation send(Address from, Address to, VirtioOp op, PacketFields fields) {
    RecordBuilder record = RecordBuilder::of(op);
    record.monitor.src = record.virtio.src = from;
    record.monitor.dst = record.virtio.dst = to;
    record.virtio.type = type;
    record.virtio.flags = fields.flags;
    record.virtio.bufAlloc = fields.bufAlloc;
    record.virtio.fwdCnt = fields.fwdCnt;
    if (fields.payload.empty()) fields.payload.assign(fields.length, 'x');
    record.virtio.payloadLengthBytes =
        static_cast<std::uint32_t>(fields.length != 0 ? fields.length : fields.payload.size());
    return take(record.bytes(fields.payload));
  }

  Observation take(const std::vector<std::byte>& bytes) {
    return take(bytes, static_cast<std::uint32_t>(bytes.size()));
  }
  Observation take(const std::vector<std::byte>& bytes, std::uint32_t wireLengthBytes) {
    Frame frame = frameOf(bytes);
    frame.wireLengthBytes = wireLengthBytes;
    frame.timestampNs = timeNs;
    frame.number = FrameNumber{++packets};
    frame.interfaceIndex = source;
    const Packet packet = dissect(frame);
    const Observation seen = tracker.observe(frame, packet);
    Packet withAnomaly = packet;
    withAnomaly.anomalies.add(Anomaly::PayloadTruncated);  // of which a tracker says nothing
    EXPECT_EQ(longWay_.tracker.observe(frame, withAnomaly), seen) << "packet " << packets;
    const Connection* const connection = tracker.current();
    EXPECT_TRUE(connection == nullptr || (longWay_.tracker.current() != nullptr &&
                                          *longWay_.tracker.current() == *connection))
        << "packet " << packets;
    const Bytes payload = payloadOf(frame, packet, seen);
    last.assign(reinterpret_cast<const char*>(payload.data()), payload.size());
    return seen;
  }

  void wait(std::int64_t milliseconds) { timeNs += milliseconds * 1'000'000; }
  void beginFile() {
    tracker.beginFile();
    longWay_.tracker.beginFile();
  }
  /// Time has passed up to `timeNs`.
  void advance() {
    tracker.advanceTo(timeNs);
    longWay_.tracker.advanceTo(timeNs);
  }
  void finish() {
    tracker.finish();
    longWay_.tracker.finish();
    EXPECT_TRUE(longWay_.rows == rows && longWay_.findings == findings &&
                longWay_.stalls == stalls);
  }

  /// The codes that were found, each with a blank behind it.
  std::string codes() const {
    std::string text;
    for (const Finding& finding : findings) {
      text += describe(finding.code).code;
      text += ' ';
    }
    return text;
  }

  Address clientEnd{Cid{3}, Port{9999}};
  Address serverEnd{Cid{2}, Port{5000}};
  VirtioType type = VirtioType::Stream;
  std::int64_t timeNs = 1'700'000'000'000'000'000;
  std::uint64_t packets = 0;
  std::uint32_t source = 0;
  std::string last;  ///< the payload of the newest packet

 private:
  HeardTracker longWay_;
};

}  // namespace vsdump::support
