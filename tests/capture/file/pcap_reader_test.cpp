// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcap_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "capture/file/open.h"
#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

std::vector<Packet> truncatedToMicroseconds(std::vector<Packet> packets) {
  for (Packet& packet : packets) packet.timestampNs -= packet.timestampNs % 1000;
  return packets;
}

class PcapDialects : public testing::TestWithParam<PcapDialect> {};

TEST_P(PcapDialects, AreReadPacketByPacket) {
  auto packets = somePackets(40);
  packets[5].timestampNs += 321;
  const auto drained = drainBytes(pcapFile(packets, GetParam()));
  EXPECT_EQ(drained.error, "");
  EXPECT_EQ(drained.state, SourceState::End);
  EXPECT_TRUE(drained.notices.empty());
  const bool nanoseconds = GetParam().magic == 0xa1b23c4d;
  EXPECT_EQ(drained.packets, nanoseconds ? packets : truncatedToMicroseconds(packets));
  ASSERT_EQ(drained.interfaces.size(), 1u);
  EXPECT_EQ(drained.interfaces[0].nanoseconds, nanoseconds);
  EXPECT_EQ(drained.interfaces[0].linkType, kLinkTypeVsock);
}

INSTANTIATE_TEST_SUITE_P(PcapReader, PcapDialects,
                         testing::Values(PcapDialect{}, PcapDialect{.bigEndian = true},
                                         PcapDialect{.magic = 0xa1b23c4d},
                                         PcapDialect{.magic = 0xa1b23c4d, .bigEndian = true},
                                         PcapDialect{.magic = 0xa1b2cd34},
                                         PcapDialect{.magic = 0xa1b2cd34, .bigEndian = true},
                                         PcapDialect{.minor = 2}, PcapDialect{.minor = 3},
                                         PcapDialect{.major = 543, .minor = 0},
                                         PcapDialect{.linkType = 0x14000000 | kLinkTypeVsock}));

std::vector<Packet> packetsOf(std::span<const Frame> frames) {
  std::vector<Packet> packets;
  for (const Frame& frame : frames) {
    packets.push_back({.timestampNs = frame.timestampNs,
                       .bytes = {frame.bytes.begin(), frame.bytes.end()},
                       .wireLength = frame.wireLengthBytes,
                       .number = raw(frame.number)});
  }
  return packets;
}

TEST(PcapReader, KeepsABatchWhileTheNextOneIsRead) {
  // Pieces that break off in packets, so that a part of each moves on to the next batch.
  auto stream = std::make_unique<MemoryStream>(pcapFile(somePackets(3000)), 10'007);
  auto opened = PcapReader::open(InputBuffer(std::move(stream)), "x");
  ASSERT_TRUE(opened);
  PacketSource& source = **opened;
  ASSERT_TRUE(source.keepsABatch());
  std::span<const Frame> before;
  std::vector<Packet> expected;
  std::size_t compared = 0;
  while (true) {
    const auto batch = source.read();
    ASSERT_TRUE(batch);
    ASSERT_EQ(packetsOf(before), expected);
    compared += batch->frames.size();
    if (batch->state != SourceState::More) break;
    before = batch->frames;
    expected = packetsOf(before);
  }
  EXPECT_EQ(compared, 3000U);
}

TEST(PcapReader, KnowsItsInterfaceFromTheHeaderAlone) {
  const auto drained = drainBytes(pcapFile({}, {.snapshotLength = 76}));
  EXPECT_EQ(drained.state, SourceState::End);
  ASSERT_EQ(drained.interfaces.size(), 1u);
  EXPECT_EQ(drained.interfaces[0].snapshotLength, 76u);
}

TEST(PcapReader, TakesAnAbsentOrAbsurdSnapshotLengthForTheDefault) {
  for (const std::uint32_t length : {0u, 0x80000000u, 0xffffffffu}) {
    const auto drained = drainBytes(pcapFile({}, {.snapshotLength = length}));
    EXPECT_EQ(drained.interfaces.at(0).snapshotLength, kDefaultSnapshotLength);
  }
}

TEST(PcapReader, RefusesAnotherLinkTypeByName) {
  EXPECT_EQ(drainBytes(pcapFile(somePackets(1), {.linkType = 1})).error,
            "cannot read x: its link type is EN10MB (Ethernet), not VSOCK (Linux vsock)");
  EXPECT_EQ(drainBytes(pcapFile(somePackets(1), {.linkType = 101})).error,
            "cannot read x: its link type is RAW (Raw IP), not VSOCK (Linux vsock)");
  EXPECT_EQ(drainBytes(pcapFile({}, {.linkType = 4711})).error,
            "cannot read x: its link type is number 4711, not VSOCK (Linux vsock)");
}

TEST(PcapReader, RefusesAnUnknownVersion) {
  EXPECT_EQ(drainBytes(pcapFile({}, {.major = 3, .minor = 0})).error,
            "cannot read x: its pcap version is 3.0, not 2.4");
  EXPECT_EQ(drainBytes(pcapFile({}, {.minor = 5})).error,
            "cannot read x: its pcap version is 2.5, not 2.4");
}

TEST(PcapReader, ReadsRecordsWithoutBytes) {
  auto packets = somePackets(3);
  packets[1].bytes.clear();
  EXPECT_EQ(drainBytes(pcapFile(packets)).packets, packets);
}

TEST(PcapReader, HandsOutContradictoryLengthsAsTheyAre) {
  auto packets = somePackets(3);
  packets[1].wireLength = 5;
  packets[2].wireLength = 0xffffffff;
  EXPECT_EQ(drainBytes(pcapFile(packets)).packets, packets);
}

TEST(PcapReader, KeepsBytesBeyondTheSnapshotLength) {
  const auto packets = somePackets(3);
  EXPECT_EQ(drainBytes(pcapFile(packets, {.snapshotLength = 50})).packets, packets);
}

TEST(PcapReader, TakesTimesAtTheEdgesAsTheyAre) {
  auto packets = somePackets(2);
  auto file = pcapFile(packets);
  for (std::size_t i = 0; i < 8; ++i) file[24 + i] = std::byte{0xff};
  packets[0].timestampNs = 4294967295LL * 1'000'000'000 + 4294967295LL * 1000;
  EXPECT_EQ(drainBytes(file).packets, packets);
}

TEST(PcapReader, ReadsTheLongestRecordAndNoneThatIsLonger) {
  auto packets = somePackets(3);
  packets[1].bytes.assign(kMaxCapturedLength, std::byte{1});
  packets[1].wireLength = kMaxCapturedLength;
  EXPECT_EQ(drainBytes(pcapFile(packets)).packets, packets);

  packets[1].bytes.push_back(std::byte{2});
  const auto drained = drainBytes(pcapFile(packets));
  packets.erase(packets.begin() + 1);
  packets[1].number = 2;
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::Damaged);
  EXPECT_EQ(drained.messages(),
            std::vector<std::string>{
                "packet 2 claims 262145 captured bytes, and no packet can have more than 262144: "
                "skipped 262161 bytes, up to the next packet that can be recognised @116"});
}

TEST(PcapReader, SaysWhereThePacketIsCut) {
  const auto packets = somePackets(2);
  auto file = pcapFile(packets);
  const std::size_t second = pcapRecordOffsets(packets)[1];
  file.resize(second + 16 + 66);
  auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets, std::vector<Packet>{packets[0]});
  EXPECT_EQ(drained.state, SourceState::Damaged);
  EXPECT_EQ(drained.messages(),
            std::vector<std::string>{
                "cut short in the middle of a packet: 66 of 113 bytes are there @116"});
  EXPECT_EQ(drained.notices.at(0).severity, SourceNotice::Severity::Error);

  file.resize(second + 7);
  drained = drainBytes(file);
  EXPECT_EQ(drained.messages(),
            std::vector<std::string>{
                "cut short in the middle of a packet header: 7 of 16 bytes are there @116"});
}

TEST(PcapReader, RepeatsItsEnd) {
  auto bytes = pcapFile(somePackets(2));
  bytes.pop_back();
  auto source = openCapture(std::make_unique<MemoryStream>(bytes), "x");
  ASSERT_TRUE(source.has_value());
  drain(**source);
  for (int i = 0; i < 3; ++i) {
    const auto again = (*source)->read();
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->state, SourceState::Damaged);
    EXPECT_TRUE(again->frames.empty());
    EXPECT_TRUE(again->notices.empty());
  }
}

RC_GTEST_PROP(PcapReader, FindsTheSamePacketsHoweverTheInputIsCutIntoPieces, ()) {
  std::vector<Packet> packets;
  const auto count = *rc::gen::inRange<std::size_t>(0, 60);
  for (std::size_t i = 0; i < count; ++i) {
    const auto payload = *rc::gen::inRange<std::size_t>(0, 3000);
    packets.push_back({.timestampNs = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000) * 1'000'000,
                       .bytes = vsockRecord(static_cast<std::uint32_t>(i), payload),
                       .wireLength = *rc::gen::arbitrary<std::uint32_t>(),
                       .number = i + 1});
  }
  const auto pieceSize = *rc::gen::inRange<std::size_t>(1, 5000);
  const PcapDialect dialect{.bigEndian = *rc::gen::arbitrary<bool>()};
  const auto drained = drainBytes(pcapFile(packets, dialect), pieceSize);
  RC_ASSERT(drained.packets == packets);
  RC_ASSERT(drained.state == SourceState::End);
}

}  // namespace
}  // namespace vsdump::test
