// SPDX-License-Identifier: GPL-2.0-or-later
// pcapng blocks one field of which is wrong: which of them are read all the same.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

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

/// Packets, that of index `odd` of which has no header of vsock but `size` other bytes.
std::vector<Packet> withoutHeader(std::vector<Packet> packets, std::size_t odd, std::size_t size) {
  packets[odd].bytes.assign(size, std::byte{0xff});
  packets[odd].wireLength = 200;
  return packets;
}

TEST(PcapngPacketWhoseBlockHasAnotherType, IsReadByItsLengthsAndTimeWhereItHasNoHeaders) {
  for (const std::size_t size : {0U, 20U, 100U}) {
    // Before the first one no other time is known than that of the one behind it.
    for (const std::size_t hit : {0U, 3U, 9U}) {
      const auto packets = withoutHeader(somePackets(10), hit, size);
      const auto offset = pcapngBlockOffsets(packets)[hit];
      for (const std::uint32_t type : {3U, 4U, 7U, 0x86U, 0x106U, 0xbadU}) {
        for (const bool bigEndian : {false, true}) {
          SCOPED_TRACE(fmt::format("{} bytes, packet {}, type {}", size, hit + 1, type));
          ByteWriter field(bigEndian);
          field.u32(type);
          auto file = pcapngFile(packets, bigEndian);
          std::ranges::copy(field.out, file.begin() + static_cast<std::ptrdiff_t>(offset));
          for (const std::size_t piece : {std::size_t{50}, file.size()}) {
            const auto drained = drainBytes(file, piece);
            EXPECT_EQ(drained.packets, packets);
            EXPECT_EQ(drained.messages(),
                      std::vector{fmt::format("packet {} is in a block of type 0x{:x}, which is "
                                              "wrong: it has 0x6 @{}",
                                              hit + 1, type, offset)});
            EXPECT_EQ(drained.state, SourceState::Damaged);
          }
        }
      }
    }
  }
}

TEST(PcapngBlockOfAnotherType, IsSoundWhereItsBodyIsNotThatOfAPacketInEveryField) {
  const auto packets = withoutHeader(somePackets(10), 3, 100);
  const auto offset = pcapngBlockOffsets(packets)[3];
  const auto sound = pcapngFile(packets);
  auto expected = packets;
  expected.erase(expected.begin() + 3);
  // For use by anybody; another interface, day, length of the packet, and less on the wire.
  const std::array<std::pair<std::size_t, unsigned>, 5> others{
      {{3, 0x80}, {8, 1}, {14, 1}, {20, 40}, {24, 0}}};
  for (const auto& [place, byte] : others) {
    auto file = sound;
    file[offset] = std::byte{0x4d};
    ASSERT_EQ(drainBytes(file).packets.size(), packets.size());
    file[offset + place] = static_cast<std::byte>(byte);
    if (place == 24)
      std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(offset) + 24, 4, std::byte{});
    const auto drained = drainBytes(file);
    EXPECT_EQ(drained.messages(), std::vector<std::string>()) << place;
    EXPECT_EQ(drained.state, SourceState::End) << place;
    EXPECT_EQ(drained.packets.size(), expected.size()) << place;
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

}  // namespace
}  // namespace vsdump::test
