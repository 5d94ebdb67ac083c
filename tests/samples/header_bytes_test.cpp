// SPDX-License-Identifier: GPL-2.0-or-later
// Real captures with every header byte set to values that sit at the borders of number ranges.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/capture/file/drained.h"
#include "tests/samples/samples.h"

namespace vsdump::test {
namespace {

constexpr std::array kValues = {std::byte{0x00}, std::byte{0x7f}, std::byte{0x80}, std::byte{0xff}};

TEST(SampleHeaderBytesSetToBorderValues, ArePrintedWhateverTheySay) {
  constexpr std::size_t kPackets = 60;
  for (const SampleFile& sample : sampleFiles()) {
    for (Packet& packet : firstPackets(sample, kPackets)) {
      for (std::size_t i = 0; i < std::min(kHeaders, packet.bytes.size()); ++i) {
        const std::byte original = packet.bytes[i];
        for (const std::byte value : kValues) {
          SCOPED_TRACE(testing::Message() << sample.name << ", packet " << packet.number
                                          << ", byte " << i << " " << std::to_integer<int>(value));
          packet.bytes[i] = value;
          ASSERT_NO_FATAL_FAILURE(expectPrintable(frameOf(packet)));
        }
        packet.bytes[i] = original;
      }
    }
  }
}

/// The first packets of a sample as a file of their own, and how many bytes of it may be set.
struct Head {
  std::vector<Packet> packets{};
  std::vector<std::byte> file{};
};

Head headOf(const SampleFile& sample) {
  constexpr std::size_t kPackets = 6;
  constexpr std::size_t kPayloadMax = 200;
  Head head{.packets = firstPackets(sample, kPackets)};
  for (Packet& packet : head.packets) {
    packet.bytes.resize(std::min(packet.bytes.size(), kHeaders + kPayloadMax));
    packet.interface = 0;
  }
  head.file = pcapFile(head.packets, {.magic = 0xa1b23c4d});
  return head;
}

TEST(SampleFilesWithAByteSetToBorderValues, KeepThePacketsBeforeIt) {
  constexpr std::size_t kRecordHeader = 16;
  for (const SampleFile& sample : sampleFiles()) {
    Head head = headOf(sample);
    const auto offsets = pcapRecordOffsets(head.packets);
    for (std::size_t i = 0; i < head.file.size(); ++i) {
      const auto record = std::ranges::upper_bound(offsets, i) - offsets.begin() - 1;
      const bool isInFileHeader = record < 0;
      if (!isInFileHeader &&
          i - offsets[static_cast<std::size_t>(record)] >= kRecordHeader + kHeaders)
        continue;
      const std::byte original = head.file[i];
      for (const std::byte value : kValues) {
        if (value == original) continue;
        SCOPED_TRACE(testing::Message()
                     << sample.name << ", byte " << i << " " << std::to_integer<int>(value));
        head.file[i] = value;
        const Drained drained = drainBytes(head.file);
        ASSERT_TRUE(!drained.error.empty() || drained.state == SourceState::End ||
                    drained.state == SourceState::Damaged);
        if (isInFileHeader) continue;
        ASSERT_EQ(drained.error, "");
        ASSERT_GE(drained.packets.size(), static_cast<std::size_t>(record));
        ASSERT_TRUE(std::equal(head.packets.begin(), head.packets.begin() + record,
                               drained.packets.begin()));
        const bool isInRecordHeader = i - offsets[static_cast<std::size_t>(record)] < kRecordHeader;
        if (!isInRecordHeader) {
          ASSERT_EQ(drained.packets.size(), head.packets.size());
        }
      }
      head.file[i] = original;
    }
  }
}

TEST(PcapngSampleWithAByteSetToBorderValues, IsReadToSomeEnd) {
  for (const SampleFile& sample : sampleFiles()) {
    if (!sample.name.ends_with(".pcapng")) continue;
    std::vector<std::byte> file = sample.bytes;
    for (std::byte& byte : file) {
      const std::byte original = byte;
      for (const std::byte value : kValues) {
        SCOPED_TRACE(testing::Message() << sample.name << ", byte " << &byte - file.data() << " "
                                        << std::to_integer<int>(value));
        byte = value;
        const Drained drained = drainBytes(file);
        ASSERT_TRUE(!drained.error.empty() || drained.state == SourceState::End ||
                    drained.state == SourceState::Damaged);
        ASSERT_LE(drained.packets.size(), sample.packets.size());
        for (const Packet& packet : drained.packets) {
          if (std::ranges::count(sample.packets, packet) == 0) {
            ASSERT_NO_FATAL_FAILURE(expectPrintable(frameOf(packet)));
          }
        }
      }
      byte = original;
    }
  }
}

}  // namespace
}  // namespace vsdump::test
