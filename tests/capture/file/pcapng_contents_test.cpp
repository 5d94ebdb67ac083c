// SPDX-License-Identifier: GPL-2.0-or-later
// What is taken from pcapng blocks that are whole and sound, and what is left out.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

/// Appends a block.
void addBlock(ByteWriter& file, std::uint32_t type, const std::vector<std::byte>& body) {
  file.u32(type).u32(body.size() + 12).bytes(body).u32(body.size() + 12);
}

/// The body of a description of a vsock interface.
std::vector<std::byte> interfaceBody(const std::string& name, const std::string& description) {
  ByteWriter body(false);
  body.u16(kLinkTypeVsock).u16(0).u32(0);
  body.u16(2).u16(name.size()).text(name).padTo4();
  body.u16(3).u16(description.size()).text(description).padTo4();
  body.u32(0);
  return body.out;
}

/// A file of many interfaces, with `packets` of the first one at its end.
std::vector<std::byte> fileOfInterfaces(std::size_t count, std::size_t textSize,
                                        const std::vector<Packet>& packets) {
  const auto sound = pcapngFile(packets);
  const auto first = static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[0]);
  ByteWriter file(false);
  file.bytes({sound.begin(), sound.begin() + first});
  for (std::size_t i = 0; i < count; ++i) {
    addBlock(file, 1, interfaceBody(std::string(textSize, 'n'), std::string(textSize, 'd')));
  }
  file.bytes({sound.begin() + first, sound.end()});
  return file.out;
}

std::size_t textOf(const Drained& drained) {
  std::size_t size = 0;
  for (const CaptureInterface& each : drained.interfaces) {
    size += each.name.size() + each.description.size();
  }
  return size;
}

TEST(PcapngInterfaces, KeepTheirTexts) {
  const auto packets = somePackets(3);
  const auto drained = drainBytes(fileOfInterfaces(1000, 200, packets));
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.messages(), std::vector<std::string>());
  EXPECT_EQ(textOf(drained), 1000U * 2 * 200);
}

TEST(PcapngInterfaces, DoNotFillTheMemoryWithTheirTexts) {
  const auto packets = somePackets(3);
  const auto drained = drainBytes(fileOfInterfaces(100, 65'000, packets));
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::End);
  ASSERT_EQ(drained.interfaces.size(), 101U);
  EXPECT_EQ(drained.interfaces[1].description, std::string(65'000, 'd'));
  EXPECT_EQ(drained.interfaces[100].name, "");
  EXPECT_LE(textOf(drained), std::size_t{4} << 20);
  ASSERT_EQ(drained.notices.size(), 1U);
  EXPECT_EQ(drained.notices[0].severity, SourceNotice::Severity::Note);
}

/// A section of an Ethernet interface with a packet of that many bytes, and a vsock one of that
/// name with one of no bytes.
void addSection(ByteWriter& file, std::size_t size, const std::string& name) {
  addBlock(file, 0x0a0d0d0a, ByteWriter(false).u32(0x1a2b3c4d).u16(1).u16(0).u64(~0ULL).out);
  addBlock(file, 1, ByteWriter(false).u16(1).u16(0).u32(0).out);
  addBlock(file, 1, interfaceBody(name, ""));
  ByteWriter packet(false);
  packet.u32(0).u64(0).u32(size).u32(size).bytes(std::vector<std::byte>(size)).padTo4();
  addBlock(file, 6, packet.out);
  addBlock(file, 6, ByteWriter(false).u32(1).u64(0).u32(0).u32(100).out);
}

std::vector<std::byte> fileOfSections(std::size_t count, bool numbered) {
  ByteWriter file(false);
  for (std::size_t i = 0; i < count; ++i) {
    addSection(file, 60, numbered ? std::to_string(i) : "vsockmon0");
  }
  return file.out;
}

TEST(PcapngInterfaces, MayBeMoreThanAreToldApart) {
  constexpr std::size_t kSections = 40'000;
  for (const bool numbered : {false, true}) {
    const auto drained = drainBytes(fileOfSections(kSections, numbered));
    EXPECT_EQ(drained.state, SourceState::End);
    EXPECT_EQ(drained.packets.size(), kSections);
    ASSERT_EQ(drained.interfaces.size(), 65'536U);
    for (const Packet& packet : drained.packets) {
      ASSERT_EQ(drained.interfaces[packet.interface].linkType, kLinkTypeVsock);
    }
    const auto messages = drained.messages();
    const auto aboutNames = [](const std::string& message) {
      return message.find("the names of those behind are left out") != std::string::npos;
    };
    EXPECT_EQ(std::ranges::count_if(messages, aboutNames), numbered ? 1 : 0);
  }
}

TEST(PcapngInterfacesOfOtherLinkTypes, AreToldToBeLeftOutOneByOneWhileTheyAreFew) {
  EXPECT_EQ(drainBytes(fileOfSections(10, false)).messages().size(), 10U);
  const auto messages = drainBytes(fileOfSections(1000, false)).messages();
  ASSERT_EQ(messages.size(), 11U);
  EXPECT_EQ(messages[0],
            "1 packet of interface 0 is left out: its link type is EN10MB (Ethernet), "
            "not VSOCK");
  EXPECT_EQ(messages[10], "990 packets of 990 more interfaces are left out");
}

TEST(PcapngInterfacesOfOtherLinkTypes, MayHavePacketsThatAreLongerThanAnyOfVsock) {
  ByteWriter file(false);
  addSection(file, 300'000, "vsockmon0");
  const auto drained = drainBytes(file.out);
  EXPECT_EQ(drained.packets.size(), 1U);
  EXPECT_EQ(drained.state, SourceState::End);
}

/// A description of a vsock interface of `resolution`, as if_tsresol has it.
std::vector<std::byte> description(unsigned resolution) {
  ByteWriter body(false);
  body.u16(kLinkTypeVsock).u16(0).u32(0);
  body.u16(9).u16(1).u8(resolution).padTo4();
  ByteWriter block(false);
  addBlock(block, 1, body.out);
  return block.out;
}

TEST(PcapngInterfaces, KeepTheirNumbersWhereOneBeforeThemIsDamaged) {
  constexpr unsigned kMicroseconds = 6;
  constexpr unsigned kNanoseconds = 9;
  const auto packets = somePackets(9);
  const auto sound = pcapngFile(packets);
  const auto offsets = pcapngBlockOffsets(packets);
  const auto whole = description(kMicroseconds);
  // Its length at the start, for the file too; at the end; bytes lost.
  auto shortStart = whole;
  shortStart[4] = std::byte{};
  auto longStart = whole;
  longStart[6] = std::byte{1};
  auto end = whole;
  end.back() = std::byte{0xff};
  auto byteLost = whole;
  byteLost.erase(byteLost.begin() + 13);
  auto wordLost = whole;
  wordLost.erase(wordLost.begin() + 12, wordLost.begin() + 16);
  for (const auto& damaged : {shortStart, longStart, end, byteLost, wordLost}) {
    ByteWriter file(false);
    file.bytes({sound.begin(), sound.begin() + 28});
    file.bytes(whole).bytes(damaged).bytes(description(kNanoseconds));
    for (std::size_t i = 0; i < packets.size(); ++i) {
      std::vector<std::byte> block(sound.begin() + static_cast<std::ptrdiff_t>(offsets[i]),
                                   sound.begin() + static_cast<std::ptrdiff_t>(offsets[i + 1]));
      block[8] = static_cast<std::byte>(i % 3 == 0 ? 1 : 2);
      file.bytes(block);
    }
    for (const std::size_t piece : {std::size_t{7}, file.out.size()}) {
      const auto drained = drainBytes(file.out, piece);
      EXPECT_EQ(drained.state, SourceState::Damaged);
      ASSERT_EQ(drained.packets.size(), 6U);
      for (std::size_t i = 0; i < drained.packets.size(); ++i) {
        EXPECT_TRUE(isSame(drained.packets[i], packets[i / 2 * 3 + i % 2 + 1])) << i;
      }
      EXPECT_EQ(drained.messages().back(),
                "3 packets of interface 1 are left out: its description is damaged");
    }
  }
}

TEST(PcapngStatistics, HaveTheirTimeAndTheirComment) {
  constexpr std::uint64_t kCountedNs = 1'732'277'005'123'456'789;
  for (const bool bigEndian : {false, true}) {
    ByteWriter statistics(bigEndian);
    statistics.u32(0).u32(kCountedNs >> 32).u32(static_cast<std::uint32_t>(kCountedNs));
    statistics.u16(7).u16(8).u64(3);
    statistics.u16(1).u16(7).text("counted").padTo4().u32(0);
    ByteWriter file(bigEndian);
    file.bytes(pcapngFile(somePackets(3), bigEndian));
    addBlock(file, 5, statistics.out);
    const auto drained = drainBytes(file.out);
    EXPECT_EQ(drained.state, SourceState::End);
    ASSERT_EQ(drained.interfaces.size(), 1U);
    EXPECT_EQ(drained.interfaces[0].statistics.dropped, 3U);
    EXPECT_EQ(drained.interfaces[0].statistics.countedNs, kCountedNs);
    ASSERT_EQ(drained.comments.size(), 1U);
    EXPECT_EQ(drained.comments[0].frame, std::nullopt);
    EXPECT_EQ(drained.comments[0].text, "counted");
  }
}

TEST(PcapngNames, MayHaveComments) {
  const auto packets = somePackets(3);
  const auto sound = pcapngFile(packets);
  const auto first = static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[0]);
  ByteWriter names(false);
  names.u16(1).u16(9).u8(192).u8(0).u8(2).u8(1).text("host").u8(0).padTo4().u32(0);
  names.u16(1).u16(5).text("where").padTo4().u32(0);
  ByteWriter file(false);
  file.bytes({sound.begin(), sound.begin() + first});
  addBlock(file, 4, names.out);
  file.bytes({sound.begin() + first, sound.end()});
  const auto drained = drainBytes(file.out);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::End);
  ASSERT_EQ(drained.comments.size(), 1U);
  EXPECT_EQ(drained.comments[0].frame, std::nullopt);
  EXPECT_EQ(drained.comments[0].text, "where");
}

}  // namespace
}  // namespace vsdump::test
