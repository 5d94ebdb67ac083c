// SPDX-License-Identifier: GPL-2.0-or-later
// Damaged pcapng files, one at a time: which blocks are told from other bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
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

std::vector<std::byte> withoutBytes(std::vector<std::byte> file, std::size_t at, std::size_t size) {
  const auto first = file.begin() + static_cast<std::ptrdiff_t>(at);
  file.erase(first, first + static_cast<std::ptrdiff_t>(size));
  return file;
}

void expectAllButOne(const Drained& drained, const std::vector<Packet>& packets, std::size_t lost) {
  EXPECT_EQ(drained.state, SourceState::Damaged);
  ASSERT_EQ(drained.packets.size(), packets.size() - 1);
  for (std::size_t i = 0; i < drained.packets.size(); ++i) {
    EXPECT_TRUE(isSame(drained.packets[i], packets[i < lost ? i : i + 1])) << i;
  }
}

TEST(PcapngPacketThatLostEightBytes, IsNotReadUpToTheLengthOfTheNextBlock) {
  constexpr std::uint32_t kWhole = 1000;
  for (const std::uint32_t captured : {32U, 40U, kWhole}) {
    const auto packets = cut(equallyLongPackets(10), captured);
    const auto offsets = pcapngBlockOffsets(packets);
    // In the middle, and where the last packet is the neighbour.
    for (const std::size_t hit : {4U, 8U}) {
      for (std::size_t at = offsets[hit] + 28; at + 8 <= offsets[hit + 1]; ++at) {
        for (const bool bigEndian : {false, true}) {
          SCOPED_TRACE(fmt::format("{} bytes, packet {} at {}", captured, hit + 1, at));
          const auto file = withoutBytes(pcapngFile(packets, bigEndian), at, 8);
          for (const std::size_t piece : {std::size_t{50}, file.size()}) {
            const auto drained = drainBytes(file, piece);
            expectAllButOne(drained, packets, hit);
            ASSERT_EQ(drained.messages().size(), 1U);
            EXPECT_TRUE(drained.messages()[0].ends_with(fmt::format(
                ", and another begins inside of it: skipped {} bytes, up to the next packet that "
                "can be recognised @{}",
                offsets[hit + 1] - offsets[hit] - 8, offsets[hit])))
                << drained.messages()[0];
          }
        }
      }
    }
  }
}

TEST(PcapngPacketThatLostEightBytes, IsNotReadWhereTheNextOneHasOddHeaders) {
  auto packets = equallyLongPackets(10);
  std::fill_n(packets[5].bytes.begin(), 40, std::byte{0xff});
  const auto drained =
      drainBytes(withoutBytes(pcapngFile(packets), pcapngBlockOffsets(packets)[4] + 80, 8));
  EXPECT_EQ(drained.state, SourceState::Damaged);
  for (const Packet& packet : drained.packets) {
    EXPECT_TRUE(std::ranges::any_of(packets, [&](const Packet& one) {
      return isSame(packet, one);
    })) << packet;
  }
}

TEST(PcapngPacketWhoseLengthIsThatInALaterPacket, HidesNoneBetween) {
  for (const bool bigEndian : {false, true}) {
    auto packets = equallyLongPackets(10);
    const auto offsets = pcapngBlockOffsets(packets);
    // From the header of the third one to what the eighth one carries at its end.
    const std::size_t length = offsets[8] - 4 - offsets[2];
    ByteWriter field(bigEndian);
    field.u32(length);
    std::ranges::copy(field.out, packets[7].bytes.end() - 4);
    auto file = pcapngFile(packets, bigEndian);
    std::ranges::copy(field.out, file.begin() + static_cast<std::ptrdiff_t>(offsets[2]) + 4);
    for (const std::size_t piece : {std::size_t{50}, file.size()}) {
      expectAllButOne(drainBytes(file, piece), packets, 2);
    }
  }
}

/// Makes a packet carry bytes at the end of its payload.
void carry(Packet& packet, const std::vector<std::byte>& bytes) {
  packet.bytes.insert(packet.bytes.end(), bytes.begin(), bytes.end());
  packet.wireLength = static_cast<std::uint32_t>(packet.bytes.size());
}

/// Makes a packet carry another one's block.
void carry(Packet& packet, const Packet& other) {
  const auto file = pcapngFile({other});
  carry(packet,
        {file.begin() + static_cast<std::ptrdiff_t>(pcapngBlockOffsets({})[0]), file.end()});
}

TEST(PcapngPacketThatCarriesABlock, IsReadWhereJunkFollows) {
  auto packets = equallyLongPackets(10);
  carry(packets[4], packets[0]);
  auto file = pcapngFile(packets);
  const std::vector<std::byte> junk(30, std::byte{0xff});
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[5]),
              junk.begin(), junk.end());
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(PcapngPacketThatCarriesABlock, DoesNotHandItOutWhereItLostBytes) {
  auto packets = equallyLongPackets(10);
  carry(packets[4], packets[0]);
  carry(packets[5], packets[0]);
  const auto lost = pcapngBlockOffsets(packets)[5] - 30;
  expectAllButOne(drainBytes(withoutBytes(pcapngFile(packets), lost, 8)), packets, 4);
}

TEST(PcapngPacketThatCarriesACapture, DoesNotHandItOutWhereItIsCut) {
  for (const bool hasHeader : {true, false}) {
    for (const bool bigEndian : {false, true}) {
      auto packets = equallyLongPackets(10);
      if (!hasHeader) std::fill_n(packets[9].bytes.begin(), 40, std::byte{0xff});
      const auto capture = pcapngFile(equallyLongPackets(5), bigEndian);
      packets[9].bytes.insert(packets[9].bytes.end(), capture.begin(), capture.end());
      packets[9].wireLength = static_cast<std::uint32_t>(packets[9].bytes.size());
      auto file = pcapngFile(packets, bigEndian);
      const std::size_t there = file.size() - 150 - pcapngBlockOffsets(packets)[9];
      file.resize(file.size() - 150);
      const auto drained = drainBytes(file);
      EXPECT_EQ(drained.packets, std::vector(packets.begin(), packets.end() - 1));
      EXPECT_EQ(drained.messages(),
                std::vector{fmt::format("cut short in the middle of a block: {} of {} bytes are "
                                        "there @{}",
                                        there, there + 150, pcapngBlockOffsets(packets)[9])});
    }
  }
}

/// `file` with nothing but 0xff in the header of the block at `offset`, and in its packet's.
std::vector<std::byte> withoutHeaderAt(std::vector<std::byte> file, std::size_t offset) {
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(offset), 28, std::byte{0xff});
  return file;
}

TEST(PcapngPacketThatCarriesACapture, HidesNoneBehindItWhereItLostBytes) {
  // So many that the last packets are inside of its length.
  auto packets = equallyLongPackets(10);
  const auto capture = pcapngFile(equallyLongPackets(5));
  packets[6].bytes.insert(packets[6].bytes.end(), capture.begin(), capture.end());
  packets[6].wireLength = static_cast<std::uint32_t>(packets[6].bytes.size());
  const auto lost = pcapngBlockOffsets(packets)[7] - 423;
  expectAllButOne(drainBytes(withoutBytes(pcapngFile(packets), lost, 420)), packets, 6);
}

TEST(PcapngPacketThatCarriesACapture, HidesNoneBehindItWhereItLostBytesAndMoreIsDamaged) {
  for (const bool bigEndian : {false, true}) {
    auto packets = equallyLongPackets(20);
    carry(packets[6], pcapngFile(equallyLongPackets(5), bigEndian));
    carry(packets[6], std::vector<std::byte>(10'000));
    const auto offsets = pcapngBlockOffsets(packets);
    auto file = withoutHeaderAt(pcapngFile(packets, bigEndian), offsets[12]);
    file = withoutBytes(std::move(file), offsets[7] - 9'500, 9'000);
    packets.erase(packets.begin() + 12);
    for (const std::size_t piece : {std::size_t{50}, file.size()}) {
      expectAllButOne(drainBytes(file, piece), packets, 6);
    }
  }
}

TEST(PcapngPacketThatCarriesASection, HidesNoneBehindItWhereItsHeaderIsLost) {
  constexpr std::size_t kHit = 4;
  constexpr std::ptrdiff_t kSectionHeaderSize = 28;
  for (const bool bigEndian : {false, true}) {
    auto older = equallyLongPackets(5);
    for (Packet& packet : older) packet.timestampNs -= 3600 * 1'000'000'000LL;
    const auto whole = pcapngFile(older, bigEndian);
    const std::vector<std::byte> header(whole.begin(), whole.begin() + kSectionHeaderSize);
    ByteWriter ethernet(bigEndian);
    ethernet.bytes(header).u32(1).u32(20).u16(1).u16(0).u32(0).u32(20);
    for (const auto& section : {whole, header, ethernet.out}) {
      for (const std::size_t behind : {0U, 3U, 60'000U}) {
        SCOPED_TRACE(fmt::format("{} bytes, {} behind them", section.size(), behind));
        auto packets = somePackets(20);
        carry(packets[kHit], section);
        carry(packets[kHit], std::vector<std::byte>(behind, std::byte{0xee}));
        const auto offset = pcapngBlockOffsets(packets)[kHit];
        const auto file = withoutHeaderAt(pcapngFile(packets), offset);
        for (const std::size_t piece : {std::size_t{50}, file.size()}) {
          expectAllButOne(drainBytes(file, piece), packets, kHit);
        }
      }
    }
  }
}

TEST(PcapngPacketThatCarriesASection, HidesNoneBehindItWhereItsEndIsLost) {
  auto packets = equallyLongPackets(10);
  const auto section = pcapngFile({});
  carry(packets[4], {section.begin(), section.begin() + 28});
  const auto end = pcapngBlockOffsets(packets)[5];
  expectAllButOne(drainBytes(withoutBytes(pcapngFile(packets), end - 4, 4)), packets, 4);
}

TEST(PcapngPacketThatCarriesASection, HidesNoneWhereABlockLeadsToTheSection) {
  auto packets = equallyLongPackets(10);
  carry(packets[4], packets[0]);
  const auto section = pcapngFile({});
  carry(packets[4], {section.begin(), section.begin() + 28});
  const auto offset = pcapngBlockOffsets(packets)[4];
  const auto drained = drainBytes(withoutHeaderAt(pcapngFile(packets), offset));
  // What the packet carries is handed out, too.
  for (std::size_t i = 5; i < packets.size(); ++i) {
    EXPECT_TRUE(std::ranges::any_of(drained.packets, [&](const Packet& packet) {
      return isSame(packet, packets[i]);
    })) << i;
  }
}

TEST(PcapngSectionBehindDamage, IsReadThoughMoreIsDamagedSoonBehindItsHeader) {
  const auto packets = equallyLongPackets(20);
  const std::vector first(packets.begin(), packets.begin() + 10);
  const std::vector second(packets.begin() + 10, packets.end());
  for (const bool bigEndian : {false, true}) {
    for (const bool isMoreDamaged : {false, true}) {
      SCOPED_TRACE(fmt::format("big-endian: {}, more: {}", bigEndian, isMoreDamaged));
      auto file = withoutHeaderAt(pcapngFile(first), pcapngBlockOffsets(first)[9]);
      auto more = pcapngFile(second, bigEndian);
      if (isMoreDamaged) more = withoutHeaderAt(std::move(more), pcapngBlockOffsets(second)[5]);
      file.insert(file.end(), more.begin(), more.end());
      auto expected = packets;
      if (isMoreDamaged) expected.erase(expected.begin() + 15);
      for (const std::size_t piece : {std::size_t{50}, file.size()}) {
        expectAllButOne(drainBytes(file, piece), expected, 9);
      }
    }
  }
}

TEST(PcapngSectionBehindDamage, IsReadWhereItIsLongerThanAnyPacket) {
  auto packets = equallyLongPackets(20);
  for (std::size_t i = 10; i < 15; ++i) carry(packets[i], std::vector<std::byte>(60'000));
  const std::vector first(packets.begin(), packets.begin() + 10);
  const std::vector second(packets.begin() + 10, packets.end());
  const auto offsets = pcapngBlockOffsets(second);
  auto more = withoutHeaderAt(pcapngFile(second), offsets[6]);
  // The last packet is of a second interface, which only this section has.
  more[offsets[9] + 8] = std::byte{1};
  const std::vector<std::byte> description(more.begin() + 28, more.begin() + 56);
  more.insert(more.begin() + 56, description.begin(), description.end());
  auto file = withoutHeaderAt(pcapngFile(first), pcapngBlockOffsets(first)[9]);
  file.insert(file.end(), more.begin(), more.end());
  packets.erase(packets.begin() + 16);
  expectAllButOne(drainBytes(file), packets, 9);
}

TEST(PcapngPacketThatEndsLikeAHeader, IsReadWhereTheNextOneLostItsOwn) {
  // The last word, and the length behind it, are as those of a block that describes an interface,
  // of an obsolete packet, of statistics.
  for (const unsigned type : {1U, 2U, 5U}) {
    auto packets = equallyLongPackets(10);
    std::fill_n(packets[4].bytes.end() - 4, 4, std::byte{});
    packets[4].bytes.end()[-4] = static_cast<std::byte>(type);
    for (std::size_t at = 0; at < 8; ++at) {
      const auto offset = pcapngBlockOffsets(packets)[5];
      SCOPED_TRACE(fmt::format("{} at {}", type, at));
      expectAllButOne(drainBytes(withoutBytes(pcapngFile(packets), offset + at, 8)), packets, 5);
    }
  }
}

TEST(PcapngPacket, IsHandedOutWhereTheNextOneMayNotComeForLong) {
  const auto packets = equallyLongPackets(3);
  for (const std::size_t ofNext : {0U, 7U, 40U}) {
    auto file = pcapngFile(packets);
    file.resize(pcapngBlockOffsets(packets)[2] + ofNext);
    auto source = openCapture(std::make_unique<MemoryStream>(file, 50, SourceState::Waiting), "x");
    ASSERT_TRUE(source);
    const auto drained = drain(**source);
    EXPECT_EQ(drained.packets, (std::vector{packets[0], packets[1]})) << ofNext;
    EXPECT_EQ(drained.state, SourceState::Waiting);
  }
}

TEST(PcapngPacketOfAnotherLinkType, IsAllThatOpeningWaitsFor) {
  const auto headers = pcapngFile({});
  ByteWriter file(false);
  file.bytes({headers.begin(), headers.begin() + 28});
  file.u32(1).u32(20).u16(1).u16(0).u32(262144).u32(20);
  file.u32(6).u32(48).u32(0).u64(0).u32(16).u32(16).u64(0).u64(0).u32(48);
  auto source =
      openCapture(std::make_unique<MemoryStream>(file.out, 50, SourceState::Waiting), "x");
  ASSERT_TRUE(source);  // does not wait for the next one for ever
  EXPECT_EQ(drain(**source).state, SourceState::Waiting);
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

TEST(PcapngBlocks, ThatAreLongAndComeInSmallPiecesTakeTimeInProportion) {
  // A packet without headers, full of what may be the beginning of another's block; junk behind it.
  ByteWriter body(false);
  body.u32(0).u64(0).u32(80).u32(80).bytes(std::vector<std::byte>(80));
  while (body.out.size() < 2'000'000) body.u32(6).u32(400'000);
  ByteWriter file(false);
  file.bytes(pcapngFile({})).u32(6).u32(body.out.size() + 12);
  file.bytes(body.out).u32(body.out.size() + 12);
  file.bytes(std::vector<std::byte>(500'000, std::byte{0xff}));
  // Where each piece has all before it searched again this does not end within the time of a test.
  EXPECT_EQ(drainBytes(file.out, 100).packets.size(), 1U);
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
