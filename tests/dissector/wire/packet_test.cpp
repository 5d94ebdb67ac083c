// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/wire/packet.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <vector>

#include "tests/support/record_builder.h"

namespace vsdump {
namespace {

using support::frameOf;
using support::RecordBuilder;

std::vector<Anomaly> listOf(Anomalies anomalies) {
  std::vector<Anomaly> list;
  for (const AnomalyRow& row : anomalyCatalogue()) {
    if (anomalies.has(row.anomaly)) list.push_back(row.anomaly);
  }
  return list;
}

using List = std::vector<Anomaly>;

std::string textOf(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Dissect, ReadsEveryFieldOfBothHeaders) {
  RecordBuilder builder;
  builder.monitor = {.src = {Cid{0x11223344}, Port{0x55667788}},
                     .dst = {Cid{0x99AABBCC}, Port{0xDDEEFF01}},
                     .op = MonitorOp::Payload,
                     .transport = Transport::Virtio,
                     .transportLengthBytes = 44,
                     .reserved = 0};
  builder.virtio = {.src = builder.monitor.src,
                    .dst = builder.monitor.dst,
                    .payloadLengthBytes = 5,
                    .type = VirtioType::Seqpacket,
                    .op = VirtioOp::Rw,
                    .flags = 0x01020304,
                    .bufAlloc = 0x0A0B0C0D,
                    .fwdCnt = 0xF1F2F3F4};
  const auto bytes = builder.bytes("hello");
  const Packet packet = dissect(frameOf(bytes));

  EXPECT_EQ(packet.decoded, Decoded::Virtio);
  EXPECT_EQ(packet.monitor.src, builder.monitor.src);
  EXPECT_EQ(packet.monitor.dst, builder.monitor.dst);
  EXPECT_EQ(packet.monitor.op, MonitorOp::Payload);
  EXPECT_EQ(packet.monitor.transport, Transport::Virtio);
  EXPECT_EQ(packet.virtio.src, builder.virtio.src);
  EXPECT_EQ(packet.virtio.dst, builder.virtio.dst);
  EXPECT_EQ(packet.virtio.type, VirtioType::Seqpacket);
  EXPECT_EQ(packet.virtio.op, VirtioOp::Rw);
  EXPECT_EQ(packet.virtio.flags, 0x01020304U);
  EXPECT_EQ(packet.virtio.bufAlloc, 0x0A0B0C0DU);
  EXPECT_EQ(packet.virtio.fwdCnt, 0xF1F2F3F4U);
  EXPECT_EQ(packet.payloadLengthBytes, 5U);
  EXPECT_EQ(textOf(packet.payload), "hello");
  EXPECT_EQ(packet.transportHeader.size(), 44U);
  EXPECT_EQ(listOf(packet.anomalies), List{});
}

TEST(Dissect, TakesTheTransportHeaderFromTheMonitorsLength) {
  RecordBuilder builder;
  builder.virtio.payloadLengthBytes = 3;
  builder.monitor.transportLengthBytes = 48;
  const auto bytes = builder.bytes("PAD!abc");
  const Packet packet = dissect(frameOf(bytes));
  EXPECT_EQ(textOf(packet.payload), "abc");
  EXPECT_EQ(packet.transportHeader.size(), 48U);
  EXPECT_EQ(listOf(packet.anomalies), List{Anomaly::TransportLengthUnexpected});
}

TEST(Dissect, DecodesNoVirtioHeaderWhereTheMonitorGivesItTooLittleRoom) {
  RecordBuilder builder;
  builder.monitor.transportLengthBytes = 20;
  const auto bytes = builder.bytes("abc");
  const Packet packet = dissect(frameOf(bytes));
  EXPECT_EQ(packet.decoded, Decoded::Vsockmon);
  EXPECT_EQ(packet.payloadLengthBytes, 0U);
  EXPECT_EQ(listOf(packet.anomalies), List{Anomaly::TransportLengthUnexpected});
}

TEST(Dissect, KeepsTheHeaderAndThePayloadOfOtherTransports) {
  for (const auto transport : {Transport::Unknown, Transport::NoInfo, Transport{7}}) {
    RecordBuilder builder;
    builder.monitor.transport = transport;
    builder.monitor.transportLengthBytes = 4;
    auto bytes = builder.monitorBytes();
    for (const char c : std::string_view("ABCDpayload")) bytes.push_back(std::byte(c));
    const Packet packet = dissect(frameOf(bytes));
    EXPECT_EQ(packet.decoded, Decoded::Vsockmon);
    EXPECT_EQ(textOf(packet.transportHeader), "ABCD");
    EXPECT_EQ(textOf(packet.payload), "payload");
    EXPECT_EQ(packet.payloadLengthBytes, 7U);
    const bool isUnknown = transport > Transport::Virtio;
    EXPECT_EQ(packet.anomalies.has(Anomaly::UnknownTransport), isUnknown);
  }
}

TEST(Dissect, CountsPayloadByTheWireLengthUnderASmallSnapshotLength) {
  const auto whole = RecordBuilder::of(VirtioOp::Rw, 10).bytes("0123456789");
  Frame frame = frameOf(whole);
  frame.bytes = frame.bytes.first(76 + 4);
  const Packet packet = dissect(frame);
  EXPECT_EQ(packet.payloadLengthBytes, 10U);
  EXPECT_EQ(textOf(packet.payload), "0123");
  EXPECT_EQ(listOf(packet.anomalies), List{Anomaly::PayloadTruncated});
}

TEST(Dissect, LeavesTheTapsExcessOut) {
  const auto bytes = RecordBuilder::of(VirtioOp::Rw, 4).bytes("0123456789");
  const Packet packet = dissect(frameOf(bytes));
  EXPECT_EQ(packet.payloadLengthBytes, 4U);
  EXPECT_EQ(textOf(packet.payload), "0123");
  EXPECT_EQ(listOf(packet.anomalies), List{Anomaly::TapExcess});
}

TEST(Dissect, LeavesTheTapsExcessOutUnderASmallSnapshotLengthToo) {
  const auto whole = RecordBuilder::of(VirtioOp::Rw, 4).bytes("0123456789");
  Frame frame = frameOf(whole);
  frame.bytes = frame.bytes.first(76);
  const Packet packet = dissect(frame);
  EXPECT_EQ(packet.payloadLengthBytes, 4U);
  EXPECT_TRUE(packet.payload.empty());
  EXPECT_EQ(listOf(packet.anomalies), (List{Anomaly::PayloadTruncated, Anomaly::TapExcess}));
}

TEST(Dissect, NamesPayloadThatTheRecordNeverHad) {
  const auto bytes = RecordBuilder::of(VirtioOp::Rw, 1000).bytes("abc");
  const Packet packet = dissect(frameOf(bytes));
  EXPECT_EQ(packet.payloadLengthBytes, 3U);
  EXPECT_EQ(listOf(packet.anomalies), List{Anomaly::PayloadMissing});
}

TEST(Dissect, SaysAtWhichStageARecordWasCut) {
  const auto whole = RecordBuilder::of(VirtioOp::Rw, 5).bytes("hello");
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    Frame frame = frameOf(whole);
    frame.bytes = frame.bytes.first(length);
    const Packet packet = dissect(frame);
    if (length < 32) {
      EXPECT_EQ(packet.decoded, Decoded::Nothing);
      EXPECT_EQ(listOf(packet.anomalies), List{Anomaly::VsockmonHeaderTruncated});
    } else if (length < 76) {
      EXPECT_EQ(packet.decoded, Decoded::Vsockmon);
      EXPECT_EQ(listOf(packet.anomalies), List{Anomaly::TransportHeaderTruncated});
      EXPECT_EQ(packet.payloadLengthBytes, 0U);
    } else {
      EXPECT_EQ(packet.decoded, Decoded::Virtio);
      EXPECT_EQ(packet.payloadLengthBytes, 5U);
      EXPECT_EQ(packet.payload.size(), length - 76);
      EXPECT_EQ(packet.anomalies.has(Anomaly::PayloadTruncated), length < whole.size());
    }
  }
}

TEST(Dissect, MeasuresARecordThatClaimsTooLittleByWhatItHolds) {
  const auto bytes = RecordBuilder::of(VirtioOp::Rw, 5).bytes("hello");
  Frame frame = frameOf(bytes);
  frame.wireLengthBytes = 10;
  const Packet packet = dissect(frame);
  EXPECT_EQ(textOf(packet.payload), "hello");
  EXPECT_EQ(listOf(packet.anomalies), List{Anomaly::CapturedExceedsLength});
}

TEST(Dissect, NoticesHeadersThatNameDifferentAddresses) {
  for (auto field : {&VirtioHeader::src, &VirtioHeader::dst}) {
    RecordBuilder builder;
    (builder.virtio.*field).cid = Cid{77};
    EXPECT_EQ(listOf(dissect(frameOf(builder.bytes())).anomalies), List{Anomaly::AddressMismatch});
    builder = RecordBuilder{};
    (builder.virtio.*field).port = Port{77};
    EXPECT_EQ(listOf(dissect(frameOf(builder.bytes())).anomalies), List{Anomaly::AddressMismatch});
  }
}

TEST(Dissect, NoticesPayloadOnAnOpThatCarriesNone) {
  for (const auto op : {VirtioOp::Request, VirtioOp::Response, VirtioOp::Rst, VirtioOp::Shutdown,
                        VirtioOp::CreditUpdate, VirtioOp::CreditRequest}) {
    const auto bytes = RecordBuilder::of(op, 3).bytes("abc");
    EXPECT_EQ(listOf(dissect(frameOf(bytes)).anomalies), List{Anomaly::PayloadUnexpected});
    EXPECT_EQ(listOf(dissect(frameOf(RecordBuilder::of(op).bytes())).anomalies), List{});
  }
}

TEST(Dissect, TakesTheSocketAddressOfTsisPrivateOpsAsPayload) {
  for (const auto op : {VirtioOp::TsiRequestEx, VirtioOp::TsiWrapListen, VirtioOp::TsiWrapClose,
                        VirtioOp::TsiResponseEx}) {
    const auto bytes = RecordBuilder::of(op, 3).bytes("abc");
    EXPECT_EQ(listOf(dissect(frameOf(bytes)).anomalies), List{});
  }
}

TEST(Dissect, NoticesReservedBytesAndUpperCidBits) {
  RecordBuilder builder;
  builder.monitor.reserved = 1;
  EXPECT_EQ(listOf(dissect(frameOf(builder.bytes())).anomalies), List{Anomaly::ReservedNotZero});

  builder = RecordBuilder{};
  builder.monitor.dst.cid = builder.virtio.dst.cid = Cid{std::uint64_t{1} << 32};
  EXPECT_EQ(listOf(dissect(frameOf(builder.bytes())).anomalies), List{Anomaly::CidBeyond32Bits});
}

TEST(Dissect, NoticesTypesAndOpsThatNobodyDefines) {
  RecordBuilder builder;
  builder.virtio.type = VirtioType{4};
  EXPECT_EQ(listOf(dissect(frameOf(builder.bytes())).anomalies), List{Anomaly::UnknownType});

  EXPECT_EQ(listOf(dissect(frameOf(RecordBuilder::of(VirtioOp{12}).bytes())).anomalies),
            List{Anomaly::UnknownOp});
  EXPECT_EQ(listOf(dissect(frameOf(RecordBuilder::of(VirtioOp::Invalid).bytes())).anomalies),
            List{Anomaly::UnknownOp});
}

TEST(Dissect, NoticesAMonitorOpThatIsNotTheKernels) {
  RecordBuilder builder = RecordBuilder::of(VirtioOp::Rst);
  builder.monitor.op = MonitorOp::Connect;
  EXPECT_EQ(listOf(dissect(frameOf(builder.bytes())).anomalies), List{Anomaly::OpMismatch});
  builder.monitor.op = MonitorOp{9};
  EXPECT_EQ(listOf(dissect(frameOf(builder.bytes())).anomalies),
            (List{Anomaly::OpMismatch, Anomaly::UnknownOp}));
}

RC_GTEST_PROP(Dissect, StaysInsideTheFrameWhateverItHolds,
              (const std::vector<std::uint8_t>& noise, std::uint32_t wireLength)) {
  // A frame of its own size on the heap, so that a sanitizer sees any read outside it.
  std::vector<std::byte> bytes(noise.size());
  if (!noise.empty()) std::memcpy(bytes.data(), noise.data(), noise.size());
  Frame frame{.bytes = bytes, .wireLengthBytes = wireLength};
  const Packet packet = dissect(frame);
  const auto isInside = [&](Bytes part) {
    return part.empty() || (part.data() >= bytes.data() &&
                            part.data() + part.size() <= bytes.data() + bytes.size());
  };
  RC_ASSERT(isInside(packet.payload));
  RC_ASSERT(isInside(packet.transportHeader));
  RC_ASSERT(packet.payload.size() <= packet.payloadLengthBytes);
}

}  // namespace
}  // namespace vsdump
