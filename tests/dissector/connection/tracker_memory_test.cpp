// SPDX-License-Identifier: GPL-2.0-or-later
// What the tracker holds, as the allocator counts it.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "dissector/connection/tracker.h"
#include "tests/support/record_builder.h"

namespace vsdump {
namespace {

std::size_t heapBytes() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

/// Hears packets between changing ports; nobody keeps what it tells but for the ports.
class Hearer : public ConnectionConsumer {
 public:
  explicit Hearer(TrackerLimits limits = {}) : tracker(*this, limits, KeyHash(1)) {}

  void put(std::uint32_t port, VirtioOp op, bool isClient, std::uint32_t flags = 0) {
    // Millions of records: each is made once, and gets its port.
    std::vector<std::byte>& bytes = made_[{op, isClient}];
    if (bytes.empty()) bytes = make(op, isClient, flags);
    for (const std::size_t offset : {16U, 48U}) {
      std::memcpy(bytes.data() + offset + (isClient ? 0 : 4), &port, sizeof(port));
    }
    Frame frame = support::frameOf(bytes);
    frame.timestampNs = timeNs;
    frame.number = FrameNumber{++packets};
    tracker.observe(frame, dissect(frame));
  }
  void open(std::uint32_t port) {
    put(port, VirtioOp::Request, true);
    put(port, VirtioOp::Response, false);
  }

  void ended(const Connection& c) override { ports.push_back(raw(c.client().port)); }
  void found(const Finding& finding) override {
    hasFoundEviction = hasFoundEviction || finding.code == FindingCode::ConnectionsEvicted;
  }

  std::vector<std::uint32_t> ports;  ///< of the clients of connections that are over
  bool hasFoundEviction = false;
  std::int64_t timeNs = 1'700'000'000'000'000'000;
  std::uint64_t packets = 0;
  ConnectionTracker tracker;

 private:
  static std::vector<std::byte> make(VirtioOp op, bool isClient, std::uint32_t flags) {
    support::RecordBuilder record = support::RecordBuilder::of(op);
    const Address client{Cid{3}, Port{0}};
    const Address server{Cid{2}, Port{5000}};
    record.monitor.src = record.virtio.src = isClient ? client : server;
    record.monitor.dst = record.virtio.dst = isClient ? server : client;
    record.virtio.type = VirtioType::Stream;
    record.virtio.flags = flags;
    return record.bytes();
  }

  std::map<std::pair<VirtioOp, bool>, std::vector<std::byte>> made_;
};

TEST(TrackerMemory, IsAtMost512BytesForALiveConnection) {
  constexpr std::uint32_t kCounts[] = {45'000, 100'000};  // the table is sparse, then dense
  for (const std::uint32_t count : kCounts) {
    const std::size_t before = heapBytes();
    Hearer hearer;
    for (std::uint32_t i = 0; i < count; ++i) {
      hearer.open(10'000 + i);
      hearer.timeNs += 1'000'000;
    }
    EXPECT_LE((heapBytes() - before) / count, 512U) << count;
  }
}

TEST(TrackerMemory, FollowsAMillionConnectionsAtOnceAndThenDropsTheOldest) {
  const std::size_t before = heapBytes();
  Hearer hearer;
  constexpr std::uint32_t kLive = 1'000'000;
  constexpr std::uint32_t kFirst = 10'000;
  for (std::uint32_t i = 0; i < kLive; ++i, hearer.timeNs += 1000) hearer.open(kFirst + i);
  EXPECT_EQ(hearer.tracker.totals().evicted, 0U);
  EXPECT_LE((heapBytes() - before) / kLive, 512U);
  // The first is used, so the one after it is idle for longest.
  hearer.timeNs += 20'000'000'000;
  hearer.tracker.advanceTo(hearer.timeNs++);
  hearer.put(kFirst, VirtioOp::CreditUpdate, true);
  hearer.ports.clear();
  for (std::uint32_t i = 0; i < 3; ++i) hearer.open(kFirst + kLive + i);
  EXPECT_EQ(hearer.tracker.totals().evicted, 3U);
  EXPECT_EQ(hearer.ports, (std::vector<std::uint32_t>{kFirst + 1, kFirst + 2, kFirst + 3}));
  EXPECT_LE((heapBytes() - before) / kLive, 512U);
  EXPECT_TRUE(hearer.hasFoundEviction);
}

TEST(TrackerMemory, DoesNotGrowInADayOfLiveTraffic) {
  // Four connections each second are opened, three of them closed; one in four stays until evicted.
  Hearer hearer({.live = 2000, .lingering = 500});
  std::size_t afterTwoHours = 0;
  std::uint32_t port = 10'000;
  for (int second = 0; second < 24 * 3600; ++second) {
    for (int i = 0; i < 4; ++i, ++port) {
      hearer.open(port);
      hearer.put(port, VirtioOp::CreditRequest, true);
      if (i == 0) continue;
      hearer.put(port, VirtioOp::Shutdown, true, 3);
      hearer.put(port, VirtioOp::Rst, false);
    }
    hearer.timeNs += 1'000'000'000;
    hearer.tracker.advanceTo(hearer.timeNs);
    hearer.ports.clear();
    if (second == 2 * 3600) afterTwoHours = heapBytes();
  }
  EXPECT_LE(heapBytes(), afterTwoHours + 4096);
  EXPECT_EQ(hearer.tracker.totals().connections, 4U * 24 * 3600);
}

}  // namespace
}  // namespace vsdump
