// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/capture/file/writing.h"

#include <gtest/gtest.h>

#include <utility>

namespace vsdump::test {

std::vector<Frame> framesOf(const std::vector<Packet>& packets) {
  std::vector<Frame> frames;
  frames.reserve(packets.size());
  for (const Packet& packet : packets) {
    frames.push_back({.bytes = packet.bytes,
                      .timestampNs = packet.timestampNs,
                      .number = FrameNumber{packet.number},
                      .wireLengthBytes = packet.wireLength,
                      .interfaceIndex = packet.interface});
  }
  return frames;
}

std::vector<Packet> incompressible(std::size_t count) {
  auto packets = somePackets(count);
  std::uint64_t random = 1;
  for (Packet& packet : packets) {
    for (std::byte& byte : packet.bytes) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<std::byte>(random >> 56);
    }
  }
  return packets;
}

Descriptor createFile(const std::string& path, int flags) {
  return Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600));
}

std::unique_ptr<PacketWriter> writerOn(Descriptor output, const OutputFormat& format) {
  auto writer = createCapture(std::move(output), "x", format);
  EXPECT_TRUE(writer.has_value());
  return writer ? std::move(*writer) : nullptr;
}

}  // namespace vsdump::test
