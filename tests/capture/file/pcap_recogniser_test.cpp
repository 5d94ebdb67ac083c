// SPDX-License-Identifier: GPL-2.0-or-later
// Damaged pcap files, one at a time: which records are told from other bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "capture/file/likeness.h"
#include "capture/file/open.h"
#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/damage.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

TEST(PcapWhoseClockWasSet, IsReadOnWhereItsPacketsAreCutAndOneIsDamaged) {
  const auto packets = later(cut(somePackets(40), 40), 20);
  // Before the clock is set, where it is, and later.
  for (const std::size_t hit : {10U, 19U, 20U, 21U, 30U}) {
    auto file = pcapFile(packets, {.snapshotLength = 40});
    std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[hit]), 20,
                std::byte{0xff});
    EXPECT_EQ(drainBytes(file).packets.size(), packets.size() - 1) << hit;
  }
}

TEST(PcapPacketWhoseLengthAndTimeAreHit, GetsBackTheLengthThatItMustHave) {
  // Of the snapshot length, or of its own.
  for (const std::uint32_t snapshotLength : {96U, 262'144U}) {
    const auto packets = cut(somePackets(40), snapshotLength);
    auto file = pcapFile(packets, {.snapshotLength = snapshotLength});
    const auto offset = static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[23]);
    std::fill_n(file.begin() + offset, 12, std::byte{});
    file[static_cast<std::size_t>(offset) + 8] = std::byte{32};
    const auto drained = drainBytes(file);
    ASSERT_EQ(drained.packets.size(), packets.size());
    EXPECT_EQ(drained.packets[23].bytes, packets[23].bytes);
    EXPECT_EQ(
        drained.messages(),
        std::vector{"packet 24 claims 32 captured bytes, which is wrong: it has " +
                    std::to_string(packets[23].bytes.size()) + " @" + std::to_string(offset)});
  }
}

TEST(PcapPacketThatClaimsTheNextOneToo, GetsBackTheLengthThatItMustHave) {
  const auto packets = somePackets(40);
  const auto offsets = pcapRecordOffsets(packets);
  auto file = pcapFile(packets);
  const std::size_t both = offsets[25] - offsets[23] - 16;
  for (std::size_t k = 0; k < 4; ++k) {
    file[offsets[23] + 8 + k] = static_cast<std::byte>(both >> 8 * k);
  }
  for (const std::size_t piece : {std::size_t{1}, file.size()}) {
    const auto drained = drainBytes(file, piece);
    EXPECT_EQ(drained.packets, packets);
    EXPECT_EQ(drained.messages(), std::vector{"packet 24 claims " + std::to_string(both) +
                                              " captured bytes, which is wrong: it has " +
                                              std::to_string(packets[23].bytes.size()) + " @" +
                                              std::to_string(offsets[23])});
  }
}

TEST(PcapPacketWhoseLengthAndTimeAreHit, IsNotFollowedByBytesWithSmallNumbers) {
  // Its time is that of 1970 and its length leads to where the next one has its length on the wire
  // and CIDs, which could be a time of 1970, too.
  const auto packets = cut(somePackets(40), 40);
  auto file = pcapFile(packets, {.snapshotLength = 40});
  const auto offset = static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[7]);
  std::fill_n(file.begin() + offset - 18, 28, std::byte{});
  file[static_cast<std::size_t>(offset) + 8] = std::byte{52};
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), packets.size() - 1);
  EXPECT_TRUE(isSame(drained.packets.at(7), packets[8]));
}

TEST(PcapPacketThatSwallowsTheLast, IsDroppedAndNotTheLast) {
  const auto packets = somePackets(40);
  auto file = pcapFile(packets);
  const auto offsets = pcapRecordOffsets(packets);
  // The rest of packet 37, packet 38 and the begin of packet 39: packet 37 then has all but 12
  // bytes of the file.
  const std::size_t whole = offsets[40] - offsets[36];
  const std::size_t left = offsets[37] - offsets[36] + 12;
  const auto begin = file.begin() + static_cast<std::ptrdiff_t>(offsets[36] + 24);
  file.erase(begin, begin + static_cast<std::ptrdiff_t>(whole - left));
  const auto drained = drainBytes(file);
  ASSERT_FALSE(drained.packets.empty());
  EXPECT_TRUE(isSame(drained.packets.back(), packets.back()));
}

/// A packet whose header is none that a kernel would write: its type is 0. Its payload is
/// `payload`.
Packet hostilePacket(std::int64_t timestampNs, const std::vector<std::byte>& payload) {
  constexpr std::size_t kType = 60;
  auto bytes = vsockRecord(1, payload.size());
  bytes[kType] = std::byte{};
  std::ranges::copy_backward(payload, bytes.end());
  const auto length = static_cast<std::uint32_t>(bytes.size());
  return {.timestampNs = timestampNs, .bytes = std::move(bytes), .wireLength = length};
}

/// The records of a pcap file without its header.
std::vector<std::byte> recordsOf(const std::vector<Packet>& packets) {
  auto file = pcapFile(packets);
  file.erase(file.begin(), file.begin() + 24);
  return file;
}

/// `packets` numbered from 1 on.
std::vector<Packet> numbered(std::vector<Packet> packets) {
  for (std::size_t i = 0; i < packets.size(); ++i) packets[i].number = i + 1;
  return packets;
}

constexpr std::int64_t kTwoDaysNs = std::int64_t{2} * 24 * 60 * 60 * 1'000'000'000;

/// Expects a file with these packets to be sound, however much of it comes at once.
void expectSound(const std::vector<Packet>& packets) {
  for (const bool bigEndian : {false, true}) {
    const auto file = pcapFile(packets, {.bigEndian = bigEndian});
    for (const std::size_t piece : {std::size_t{1}, std::size_t{90}, file.size()}) {
      const auto drained = drainBytes(file, piece);
      EXPECT_EQ(drained.packets, packets);
      EXPECT_EQ(drained.messages(), std::vector<std::string>{});
      EXPECT_EQ(drained.state, SourceState::End);
    }
  }
}

TEST(PcapPacketWithRecordsInItsPayload, IsOneWhereItComesFirstAndHasNoUsableHeader) {
  auto packets = somePackets(4);
  packets[0] = hostilePacket(packets[0].timestampNs, recordsOf(somePackets(3)));
  expectSound(numbered(packets));
}

TEST(PcapPacketWithRecordsInItsPayload, IsOneWhereTheClockWasSetAndItHasNoUsableHeader) {
  auto packets = somePackets(8);
  for (std::size_t i = 3; i < packets.size(); ++i) packets[i].timestampNs += kTwoDaysNs;
  packets[3] = hostilePacket(packets[3].timestampNs, recordsOf({packets[3], packets[4]}));
  expectSound(numbered(packets));
}

TEST(PcapPacketWithRecordsInItsPayload, StaysWhereTheNextOneIsDamaged) {
  // The last of the records is cut by the packet's end.
  auto payload = recordsOf(somePackets(3));
  payload.resize(payload.size() - 30);
  auto packets = somePackets(6);
  packets[2].bytes = vsockRecord(1, payload.size());
  std::ranges::copy_backward(payload, packets[2].bytes.end());
  packets[2].wireLength = static_cast<std::uint32_t>(packets[2].bytes.size());
  auto file = pcapFile(packets);
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[3]), 16,
              std::byte{0xff});
  packets.erase(packets.begin() + 3);
  EXPECT_EQ(drainBytes(file).packets, numbered(packets));
}

TEST(PcapPacketWithoutBytes, IsOneWhereTheClockWasSet) {
  for (const std::int64_t set : {-kTwoDaysNs, kTwoDaysNs}) {
    auto packets = somePackets(3);
    packets[1].bytes.clear();
    packets[1].timestampNs += set;
    packets[2].timestampNs += set;
    expectSound(packets);
  }
}

TEST(PcapPacketWithoutBytes, IsOneWhereOthersFollowOrNothing) {
  for (const std::size_t first : {2U, 4U}) {
    auto packets = somePackets(6);
    for (std::size_t i = first; i < packets.size(); ++i) {
      packets[i].timestampNs += kTwoDaysNs;
      if (i < 4 || first == 4) packets[i].bytes.clear();
    }
    expectSound(packets);
  }
}

TEST(PcapPacketWithoutBytes, IsOneBeforeAnotherWithoutUsableHeader) {
  auto packets = somePackets(6);
  for (std::size_t i = 2; i < packets.size(); ++i) packets[i].timestampNs += kTwoDaysNs;
  packets[2].bytes.clear();
  packets[3] = hostilePacket(packets[3].timestampNs, {});
  expectSound(numbered(packets));
}

TEST(PcapPacketWithoutBytes, IsOneWhereThereWereNoneOnTheWire) {
  auto packets = somePackets(3);
  packets[1].bytes.clear();
  packets[1].wireLength = 0;
  expectSound(packets);
}

TEST(PcapPacketWithoutBytes, IsOneBeforeAFileThatIsJoined) {
  auto packets = somePackets(6);
  packets.back().bytes.clear();
  packets.back().wireLength = 0;
  auto file = pcapFile(packets);
  const auto joined = pcapFile(packets);
  file.insert(file.end(), joined.begin(), joined.end());
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), 2 * packets.size());
  EXPECT_EQ(drained.state, SourceState::End);
}

TEST(PcapWhoseClockWasSet, IsReadBehindADamageUpToTheFileThatIsJoinedToIt) {
  auto packets = somePackets(8);
  packets.back().timestampNs += kTwoDaysNs;
  auto file = pcapFile(packets);
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[6]), 16,
              std::byte{0xff});
  const auto joined = pcapFile(somePackets(4));
  file.insert(file.end(), joined.begin(), joined.end());
  const auto drained = drainBytes(file);
  ASSERT_EQ(drained.packets.size(), 11U);
  EXPECT_TRUE(isSame(drained.packets[6], packets.back()));
}

TEST(PcapPacketBeforeAJoinedFile, IsNotHandedOutAtATimeThatIsNone) {
  const auto packets = somePackets(8);
  auto file = pcapFile(packets);
  const auto joined = pcapFile(somePackets(4));
  file.insert(file.end(), joined.begin(), joined.end());
  const std::size_t hit = pcapRecordOffsets(packets)[7];
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(hit + 4), 4, std::byte{});
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(hit + 4), 40, std::byte{0xff});
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), 11U);
  for (const Packet& packet : drained.packets) EXPECT_GT(packet.timestampNs, kTwoDaysNs * 365);
}

TEST(PcapFilesJoinedBehindAnOddPacket, AreReadAsOne) {
  const auto packets = somePackets(3);
  // Neither says by its content that it is one.
  for (const auto& odd : {hostilePacket(packets[0].timestampNs, {}), cut(packets, 20)[0]}) {
    auto file = pcapFile({odd});
    const auto second = pcapFile(packets);
    file.insert(file.end(), second.begin(), second.end());
    for (const std::size_t piece : {std::size_t{1}, file.size()}) {
      const auto drained = drainBytes(file, piece);
      EXPECT_EQ(drained.packets.size(), 4U);
      EXPECT_EQ(drained.state, SourceState::End);
    }
  }
}

TEST(PcapWhoseFirstPacketHasNoUsableHeader, IsReadUpToWhereItIsCut) {
  auto packets = somePackets(2);
  packets[0] = hostilePacket(packets[0].timestampNs, {});
  auto file = pcapFile(packets);
  file.resize(pcapRecordOffsets(packets)[1] + 9);
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets, numbered({packets[0]}));
  EXPECT_EQ(drained.messages(),
            std::vector<std::string>{
                "cut short in the middle of a packet header: 9 of 16 bytes are there @116"});
}

TEST(PcapCutInAPacketThatCarriesACapture, HasNoneOfThatCapturesPackets) {
  const auto payload = pcapFile(somePackets(6));
  auto carrier = somePackets(1)[0];
  carrier.bytes = vsockRecord(1, payload.size());
  std::ranges::copy_backward(payload, carrier.bytes.end());
  carrier.wireLength = static_cast<std::uint32_t>(carrier.bytes.size());
  for (const Packet& last : {carrier, hostilePacket(carrier.timestampNs, payload)}) {
    auto packets = somePackets(3);
    packets.push_back(last);
    auto file = pcapFile(packets);
    file.resize(file.size() - 200);
    packets.pop_back();
    const auto drained = drainBytes(file);
    EXPECT_EQ(drained.packets, packets);
    ASSERT_EQ(drained.notices.size(), 1U);
    EXPECT_TRUE(drained.notices[0].message.starts_with("cut short in the middle of a packet"));
  }
}

TEST(PcapPacketOfFewBytes, IsNoneBeforeADamageUnlessOthersAreCutAsMuch) {
  constexpr std::size_t kLastOfCaptured = 11;
  for (const std::uint32_t snapshotLength : {20U, 262'144U}) {
    const auto packets = cut(somePackets(12), snapshotLength);
    const auto offsets = pcapRecordOffsets(packets);
    auto file = pcapFile(packets, {.bigEndian = true});
    // What is left of the header is that of a packet without bytes.
    file.erase(file.begin() + static_cast<std::ptrdiff_t>(offsets[6] + kLastOfCaptured));
    const auto drained = drainBytes(file);
    ASSERT_GE(drained.packets.size(), 6U);
    EXPECT_TRUE(std::equal(packets.begin(), packets.begin() + 6, drained.packets.begin()));
    const auto isEmpty = [](const Packet& packet) { return packet.bytes.empty(); };
    EXPECT_EQ(std::ranges::count_if(drained.packets, isEmpty), 0);
    if (snapshotLength > 20) {
      EXPECT_EQ(drained.packets.size(), 11U);
    }
  }
}

TEST(PcapOfPacketsOfFewBytes, IsReadOnBehindADamage) {
  for (const std::uint32_t snapshotLength : {8U, 20U, 31U}) {
    const auto packets = cut(somePackets(20), snapshotLength);
    const auto offsets = pcapRecordOffsets(packets);
    for (const std::size_t hit : {5U, 16U, 18U}) {
      auto file = pcapFile(packets);
      const auto at = file.begin() + static_cast<std::ptrdiff_t>(offsets[hit] + 4);
      file.erase(at, at + 7);
      const auto drained = drainBytes(file);
      EXPECT_TRUE(onlyTheHitPacketsSuffer(packets, offsets,
                                          {offsets[hit] + 4, offsets[hit] + 11, true}, drained));
      EXPECT_EQ(drained.packets.size(), packets.size() - 1);
      EXPECT_TRUE(drainBytes(file, 1).packets == drained.packets);
    }
  }
}

TEST(PcapOfPacketsOfFewBytes, IsReadOnWhereTheFirstOneIsDamaged) {
  for (const std::uint32_t snapshotLength : {20U, 31U}) {
    auto packets = cut(somePackets(20), snapshotLength);
    auto file = pcapFile(packets);
    std::fill_n(file.begin() + 24, 16, std::byte{0xff});
    packets.erase(packets.begin());
    EXPECT_TRUE(std::ranges::equal(drainBytes(file).packets, packets, isSame)) << snapshotLength;
  }
}

TEST(PcapWhoseFirstPacketIsDamaged, DoesNotHaveItAtATimeOfAnotherDay) {
  const auto packets = somePackets(20);
  for (std::ptrdiff_t place = 24; place < 40; ++place) {
    for (std::size_t count = 1; count < 20; ++count) {
      auto file = pcapFile(packets);
      file.insert(file.begin() + place, count, std::byte{});
      for (const Packet& packet : drainBytes(file).packets) {
        EXPECT_LT(std::abs(packet.timestampNs - packets[0].timestampNs), 86'400'000'000'000)
            << place << ' ' << count;
      }
    }
  }
}

TEST(PcapWhoseFirstPacketIsDamaged, HasNoPacketsInTheSmallNumbersThatItCarries) {
  auto packets = somePackets(20);
  ByteWriter payload(false);
  for (int i = 0; i < 6; ++i) payload.u32(0).u32(3000).u32(0).u32(40'000);
  packets[0].bytes = vsockRecord(1, payload.out.size());
  std::ranges::copy_backward(payload.out, packets[0].bytes.end());
  packets[0].wireLength = static_cast<std::uint32_t>(packets[0].bytes.size());
  auto file = pcapFile(packets);
  std::fill_n(file.begin() + 24, 16, std::byte{0xff});
  packets.erase(packets.begin());
  EXPECT_TRUE(std::ranges::equal(drainBytes(file).packets, packets, isSame));
}

TEST(PcapPacketWithInsertedBytes, IsNotHandedOutAtAnotherTime) {
  constexpr std::int64_t kMinuteNs = 60'000'000'000;
  for (const std::uint32_t snapshotLength : {20U, 76U}) {
    const auto packets = cut(somePackets(12), snapshotLength);
    const auto offsets = pcapRecordOffsets(packets);
    // One in the middle, and the last two.
    for (const std::size_t hit : {5U, 10U, 11U}) {
      for (std::size_t place = offsets[hit] - 20; place < offsets[hit] + 16; ++place) {
        for (const std::size_t count : {1U, 2U, 3U, 4U, 7U, 12U, 16U, 44U}) {
          for (const std::byte inserted : {std::byte{}, std::byte{5}}) {
            auto file = pcapFile(packets);
            file.insert(file.begin() + static_cast<std::ptrdiff_t>(place), count, inserted);
            const auto drained = drainBytes(file);
            EXPECT_GT(drained.packets.size() + 3, packets.size());
            for (const Packet& packet : drained.packets) {
              EXPECT_LT(std::abs(packet.timestampNs - packets[0].timestampNs), kMinuteNs)
                  << snapshotLength << ' ' << hit << ' ' << place << ' ' << count;
            }
          }
        }
      }
    }
  }
}

TEST(PcapPacketThatLacksBytes, DoesNotTakeTheLongestThereIsAlong) {
  auto packets = somePackets(4);
  packets[2].bytes = vsockRecord(3, kMaxCapturedLength - kLikenessBytes);
  packets[2].wireLength = kMaxCapturedLength;
  for (const bool bigEndian : {false, true}) {
    auto file = pcapFile(packets, {.bigEndian = bigEndian});
    const auto lost =
        file.begin() + static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[1] + 80);
    file.erase(lost, lost + 20);
    const auto drained = drainBytes(file);
    ASSERT_EQ(drained.packets.size(), 3U);
    EXPECT_TRUE(isSame(drained.packets[1], packets[2]));
  }
}

TEST(PcapPacketCutAsThoseBefore, IsNotTakenForOneThatLacksBytes) {
  // With its length on the wire it would reach to the end of the next one, behind inserted zeros.
  constexpr std::size_t kSnapshotLength = 76;
  constexpr std::size_t kZeros = 64;
  auto packets = somePackets(12);
  packets[6].bytes = vsockRecord(6, kZeros + 16 + kSnapshotLength);
  packets[6].wireLength = static_cast<std::uint32_t>(packets[6].bytes.size());
  packets = cut(std::move(packets), kSnapshotLength);
  auto file = pcapFile(packets);
  const auto at = file.begin() + static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[7]);
  file.insert(at, kZeros, std::byte{});
  EXPECT_EQ(drainBytes(file).packets, packets);
}

/// A record that claims `captured` bytes, of which it has those of `content`.
ByteWriter& record(ByteWriter& out, std::size_t captured, const std::vector<std::byte>& content) {
  constexpr std::uint64_t kSeconds = 1'700'000'000;
  return out.u32(kSeconds).u32(0).u32(captured).u32(captured).bytes(content);
}

TEST(PcapPacketBeforeADamage, IsJudgedAlikeHoweverMuchComesAtOnce) {
  // It has a record in it that leads on to others, further away than a packet can reach; and it is
  // at the front of the first long read.
  constexpr std::size_t kStep = 80'000;
  constexpr std::size_t kShortReads = std::size_t{448} * 1024;
  auto inside = vsockRecord(1, 0);
  inside.resize(32);
  inside[26] = inside[28] = std::byte{};  // no transport's header
  ByteWriter file(false);
  file.bytes(pcapFile({}));
  while (file.out.size() < kShortReads) record(file, 1076, vsockRecord(1, 1000));
  ByteWriter payload(false);
  record(payload, kStep - 16, inside);
  auto content = vsockRecord(1, payload.out.size());
  std::ranges::copy_backward(payload.out, content.end());
  record(file, content.size(), content);
  const std::size_t first = file.out.size() - payload.out.size();
  for (std::size_t i = 1; i < 8; ++i) {
    file.bytes(std::vector<std::byte>(first + i * kStep - file.out.size(), std::byte{0xff}));
    record(file, kStep - 16, {});
  }
  const auto drained = drainBytes(file.out);
  const auto inPieces = drainBytes(file.out, 1000);
  EXPECT_EQ(drained.packets.size(), inPieces.packets.size());
  EXPECT_EQ(drained.messages(), inPieces.messages());
  ASSERT_FALSE(drained.notices.empty());
  EXPECT_NE(drained.notices[0].message.find("another begins inside of it"), std::string::npos);
}

}  // namespace
}  // namespace vsdump::test
