// SPDX-License-Identifier: GPL-2.0-or-later
// Real captures in which bytes are missing, or are too many, at any place.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <vector>

#include "tests/capture/file/damage.h"
#include "tests/samples/samples.h"

namespace vsdump::test {
namespace {

/// Places that are this far from each other; no size of a packet or header is a multiple of it.
constexpr std::size_t kStride = 7;

/// A sample's packets as a file, as far as they are small.
struct SmallFile {
  std::vector<Packet> packets{};
  std::vector<std::size_t> offsets{};
  std::vector<std::byte> bytes{};
};

SmallFile smallFileOf(const SampleFile& sample, bool bigEndian) {
  constexpr std::size_t kPackets = 40;
  constexpr std::size_t kLongest = 300;
  SmallFile file;
  for (Packet& packet : firstPackets(sample, kPackets)) {
    if (packet.bytes.size() > kLongest) continue;
    packet.number = file.packets.size() + 1;
    packet.interface = 0;
    file.packets.push_back(std::move(packet));
  }
  file.offsets = pcapRecordOffsets(file.packets);
  file.bytes = pcapFile(file.packets, {.magic = 0xa1b23c4d, .bigEndian = bigEndian});
  return file;
}

/// Whether the sample's packets are a kernel's; whoever is hostile may send what looks like none.
bool isOfHonestGuests(const SampleFile& sample) {
  return sample.name.find("hostile") == std::string::npos;
}

TEST(SampleFilesThatLackBytes, LoseOnlyThePacketsThatAreHitAndSaySo) {
  constexpr std::array<std::size_t, 6> kLost{1, 12, 15, 44, 70, 90};
  for (const SampleFile& sample : sampleFiles()) {
    if (!isOfHonestGuests(sample)) continue;
    for (const bool bigEndian : {false, true}) {
      const SmallFile small = smallFileOf(sample, bigEndian);
      if (small.packets.size() < 3) continue;
      for (const std::size_t lost : kLost) {
        for (std::size_t at = small.offsets[1]; at + lost < small.bytes.size(); at += kStride) {
          std::vector<std::byte> bytes = small.bytes;
          const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
          bytes.erase(first, first + static_cast<std::ptrdiff_t>(lost));
          SCOPED_TRACE(testing::Message() << sample.name << (bigEndian ? ", big-endian, " : ", ")
                                          << lost << " bytes lost at " << at);
          const Damage damage{.begin = at, .end = at + lost, .isLost = true};
          ASSERT_TRUE(onlyTheHitPacketsSuffer(small.packets, small.offsets, damage,
                                              drainBytes(std::move(bytes))));
        }
      }
    }
  }
}

TEST(SampleFilesThatLackAByteOfTheSecondHeader, KeepTheFirstPacket) {
  constexpr std::size_t kRecordHeader = 16;
  for (const SampleFile& sample : sampleFiles()) {
    if (!isOfHonestGuests(sample)) continue;
    for (const bool bigEndian : {false, true}) {
      const SmallFile small = smallFileOf(sample, bigEndian);
      if (small.packets.size() < 3) continue;
      // Without its first one, a little-endian time is off by less than five minutes.
      for (std::size_t at = bigEndian ? 0 : 1; at < kRecordHeader; ++at) {
        std::vector<std::byte> bytes = small.bytes;
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(small.offsets[1] + at));
        SCOPED_TRACE(testing::Message()
                     << sample.name << (bigEndian ? ", big-endian, " : ", ") << "byte " << at);
        const Drained drained = drainBytes(std::move(bytes));
        ASSERT_FALSE(drained.packets.empty());
        ASSERT_EQ(drained.packets[0], small.packets[0]);
        ASSERT_EQ(drained.state, SourceState::Damaged);
      }
    }
  }
}

TEST(SampleFilesWithZerosInThem, LoseOnlyThePacketsThatAreHitAndSaySo) {
  constexpr std::array<std::size_t, 3> kInserted{1, 16, 22};
  for (const SampleFile& sample : sampleFiles()) {
    if (!isOfHonestGuests(sample)) continue;
    const SmallFile small = smallFileOf(sample, false);
    if (small.packets.size() < 3) continue;
    for (const std::size_t inserted : kInserted) {
      for (std::size_t at = small.offsets[1]; at < small.bytes.size(); at += kStride) {
        std::vector<std::byte> bytes = small.bytes;
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), inserted, std::byte{});
        SCOPED_TRACE(testing::Message()
                     << sample.name << ", " << inserted << " zeros inserted at " << at);
        ASSERT_TRUE(onlyTheHitPacketsSuffer(small.packets, small.offsets, {.begin = at, .end = at},
                                            drainBytes(std::move(bytes))));
      }
    }
  }
}

}  // namespace
}  // namespace vsdump::test
