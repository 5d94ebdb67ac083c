// SPDX-License-Identifier: GPL-2.0-or-later
// Damaged pcapng files, one at a time: which blocks are told from other bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "capture/file/open.h"
#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

TEST(PcapngShiftedByALoss, IsNotReadByLengthsThatAgreeByChance) {
  const auto packets = somePackets(40);
  auto file = pcapngFile(packets, true);
  const auto offset = static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[3]);
  // What is at the front then has the type 0, and twice the length 512.
  file.erase(file.begin() + offset, file.begin() + offset + 30);
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), packets.size() - 1);
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(PcapngPacketThatLostItsHeaders, IsNotReadUpToWhereTheNextOneHasItsLengthByChance) {
  const auto packets = somePackets(40);
  auto file = pcapngFile(packets, true);
  const auto offset = static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[8]);
  // Its block is 256 bytes long, which then end in the next packet's field for the CID and
  // operation.
  file.erase(file.begin() + offset + 24, file.begin() + offset + 24 + 90);
  for (const std::size_t piece : {std::size_t{1}, file.size()}) {
    const auto drained = drainBytes(file, piece);
    EXPECT_EQ(drained.packets.size(), packets.size() - 1) << piece;
    EXPECT_EQ(drained.packets[8].timestampNs, packets[9].timestampNs) << piece;
    EXPECT_EQ(drained.state, SourceState::Damaged);
  }
}

TEST(PcapngPacketWhoseOptionsOverrun, IsReadWhereAnotherBlockFollows) {
  const auto packets = somePackets(10);
  const auto offset = static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[3]);
  const auto word = [](std::uint8_t low) { return std::array<std::uint8_t, 4>{low, 0, 0, 0}; };
  std::vector<std::byte> odd;
  // Type, length, interface, time, lengths of the packet, 17 bytes and 3 to fill up, a comment of
  // 200 bytes.
  for (const auto& four :
       {word(6), word(56), word(0), word(0), word(0), word(17), word(17), word(1), word(2), word(3),
        word(4), word(5), std::array<std::uint8_t, 4>{1, 0, 200, 0}, word(56)}) {
    for (const std::uint8_t byte : four) odd.push_back(std::byte{byte});
  }
  auto file = pcapngFile(packets);
  file.insert(file.begin() + offset, odd.begin(), odd.end());
  const auto whole = drainBytes(file);
  EXPECT_EQ(whole.packets.size(), packets.size() + 1);
  EXPECT_EQ(whole.messages(),
            std::vector{"the options of a block reach beyond it, and some are left out @" +
                        std::to_string(offset)});
  EXPECT_EQ(whole.state, SourceState::Damaged);

  const std::vector<std::byte> junk(7, std::byte{0xff});
  file.insert(file.begin() + offset + static_cast<std::ptrdiff_t>(odd.size()), junk.begin(),
              junk.end());
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(PcapngPacketWhoseBlockHasAnotherType, IsReadByItsBody) {
  const auto packets = somePackets(10);
  for (const bool bigEndian : {false, true}) {
    const auto offset = pcapngBlockOffsets(packets)[3];
    // Those of an interface, a packet without a time, statistics, and ones that nobody knows.
    for (const unsigned type : {0U, 1U, 3U, 4U, 5U, 7U, 0x86U}) {
      auto file = pcapngFile(packets, bigEndian);
      file[offset + (bigEndian ? 3 : 0)] = static_cast<std::byte>(type);
      const auto drained = drainBytes(file);
      EXPECT_EQ(drained.packets, packets) << type;
      ASSERT_EQ(drained.messages().size(), 1U) << type;
      EXPECT_NE(
          drained.messages()[0].find(", which is wrong: it has 0x6 @" + std::to_string(offset)),
          std::string::npos);
      EXPECT_EQ(drained.state, SourceState::Damaged);
    }
  }
}

TEST(PcapngBlockWhoseLengthIsWrong, IsReadByThatAtItsEnd) {
  const auto packets = somePackets(10);
  const auto offsets = pcapngBlockOffsets(packets);
  for (const bool bigEndian : {false, true}) {
    // The first, one in the middle and the last; too short, too long, for the file too.
    for (const std::size_t hit : {0U, 4U, 9U}) {
      for (const std::uint32_t length : {0U, 12U, 60U, 1'001U, 4'000'000U, 0xffff'fffcU}) {
        SCOPED_TRACE(fmt::format("packet {} of length {}", hit + 1, length));
        auto file = pcapngFile(packets, bigEndian);
        ByteWriter field(bigEndian);
        field.u32(length);
        std::ranges::copy(field.out, file.begin() + static_cast<std::ptrdiff_t>(offsets[hit]) + 4);
        for (const std::size_t piece : {std::size_t{50}, file.size()}) {
          const auto drained = drainBytes(file, piece);
          EXPECT_EQ(drained.packets, packets);
          EXPECT_EQ(drained.messages(),
                    std::vector{fmt::format("packet {} is in a block that claims a length of {} "
                                            "bytes, which is wrong: it has {} @{}",
                                            hit + 1, length, offsets[hit + 1] - offsets[hit],
                                            offsets[hit])});
        }
      }
    }
  }
}

TEST(PcapngBlockWhoseLengthIsWrong, IsDroppedWhereMoreIsWrong) {
  const auto packets = somePackets(10);
  const auto offsets = pcapngBlockOffsets(packets);
  const std::size_t at = offsets[1];
  const std::size_t next = offsets[2];
  // Its time, which is minutes off then; its lengths, larger on the wire or captured; a byte of its
  // headers; the length at its end; the type of what follows.
  const std::pair<std::size_t, unsigned> others[] = {{at + 13, 1}, {at + 24, 2},  {at + 20, 2},
                                                     {at + 40, 1}, {next - 4, 1}, {next, 0x40}};
  for (const auto& [place, bits] : others) {
    auto file = pcapngFile(packets);
    file[at + 4] = std::byte{13};
    ASSERT_EQ(drainBytes(file).packets.size(), packets.size());
    file[place] ^= static_cast<std::byte>(bits);
    const auto drained = drainBytes(file);
    EXPECT_GE(drained.packets.size(), packets.size() - 2) << place - at;
    EXPECT_EQ(drained.state, SourceState::Damaged);
    for (const Packet& packet : drained.packets) {
      EXPECT_FALSE(isSame(packet, packets[1])) << place - at;
      EXPECT_TRUE(std::ranges::any_of(packets, [&](const Packet& one) {
        return isSame(packet, one);
      })) << place - at;
    }
  }
}

TEST(PcapngBlockWhoseLengthIsWrong, IsDroppedWhereTheLengthMayBeThatOfAnotherPacket) {
  // Bytes are lost from the header of one to the same place in that of the next.
  const auto packets = somePackets(10);
  const auto offsets = pcapngBlockOffsets(packets);
  auto file = pcapngFile(packets);
  file.erase(file.begin() + static_cast<std::ptrdiff_t>(offsets[4]) + 20,
             file.begin() + static_cast<std::ptrdiff_t>(offsets[5]) + 20);
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), packets.size() - 2);
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(PcapngBlocks, ThatAreOddByTurnsTakeTimeInProportion) {
  // An odd one makes the reader search in it; a length that is wrong, and repaired, comes next.
  const auto packets = somePackets(3);
  const auto offsets = pcapngBlockOffsets(packets);
  const auto begin = pcapngFile(packets);
  const std::vector<std::byte> sound(begin.begin() + static_cast<std::ptrdiff_t>(offsets[2]),
                                     begin.begin() + static_cast<std::ptrdiff_t>(offsets[3]));
  ByteWriter unusual(false);
  unusual.bytes(sound);
  std::fill_n(unusual.out.begin() + 28, 32, std::byte{0xff});
  ByteWriter statistics(false);  // of an interface that is not there
  statistics.u32(5).u32(32).u32(99).u64(0).u64(0).u32(32);
  // The one is searched within what has been read, the other, before a length that may be a
  // block's, up to the end.
  for (const auto& [odd, length] : {std::pair{unusual.out, 13U}, {statistics.out, 0xff'fffcU}}) {
    ByteWriter pair(false);
    pair.bytes(odd).u32(6).u32(length);
    pair.out.insert(pair.out.end(), sound.begin() + 8, sound.end());
    auto file = begin;
    constexpr std::size_t kPairs = 50'000;
    for (std::size_t i = 0; i < kPairs; ++i) {
      file.insert(file.end(), pair.out.begin(), pair.out.end());
    }
    // With searches that go on behind the odd block this does not end within the time of a test.
    EXPECT_GE(drainBytes(file).packets.size(), kPairs);
  }
}

TEST(PcapngPacketsThatAreCutBeforeTheirHeadersEnd, AreWhole) {
  for (const std::uint32_t length : {32U, 72U, 73U, 74U, 75U}) {
    const auto packets = cut(somePackets(10), length);
    const auto drained = drainBytes(pcapngFile(packets));
    EXPECT_EQ(drained.packets, packets) << length;
    EXPECT_EQ(drained.messages(), std::vector<std::string>()) << length;
    EXPECT_EQ(drained.state, SourceState::End) << length;
  }
}

TEST(PcapngPacketThatClaimsLessThanItsHeaders, GetsBackTheLengthThatItMustHave) {
  const auto packets = somePackets(10);
  const auto offset = pcapngBlockOffsets(packets)[2];
  for (const unsigned captured : {0U, 1U, 40U}) {
    auto file = pcapngFile(packets);
    file[offset + 20] = static_cast<std::byte>(captured);
    file[offset + 21] = std::byte{};
    const auto drained = drainBytes(file);
    EXPECT_EQ(drained.packets, packets) << captured;
    EXPECT_EQ(drained.messages(),
              std::vector{"packet 3 claims " + std::to_string(captured) +
                          " captured bytes, which is wrong: it has " +
                          std::to_string(packets[2].bytes.size()) + " @" + std::to_string(offset)});
  }
}

}  // namespace
}  // namespace vsdump::test
