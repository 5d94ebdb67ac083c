// SPDX-License-Identifier: GPL-2.0-or-later
// What is taken from pcapng blocks that are whole and sound.
#include <gtest/gtest.h>

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
