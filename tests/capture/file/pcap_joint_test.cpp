// SPDX-License-Identifier: GPL-2.0-or-later
// pcap files in packets of other pcap files, and joined to their ends, where a damage is near.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// Times spread over their seconds, whole microseconds.
std::vector<Packet> spreadPackets(std::size_t count) {
  auto packets = somePackets(count);
  for (std::size_t i = 0; i < count; ++i) {
    packets[i].timestampNs = 1'700'000'000 * kSecond + static_cast<std::int64_t>(i) * 137'137'000;
  }
  return packets;
}

void damageHeader(std::vector<std::byte>& file, std::size_t offset) {
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(offset), 16, std::byte{0xff});
}

bool areSame(const std::vector<Packet>& found, const std::vector<Packet>& expected) {
  return std::ranges::equal(found, expected, isSame);
}

class PcapFileOfAnotherDialect : public testing::TestWithParam<PcapDialect> {};

TEST_P(PcapFileOfAnotherDialect, IsPayloadInADamagedPacket) {
  auto packets = spreadPackets(60);
  const auto inner = pcapFile(spreadPackets(3), GetParam());
  // Up to the end of the payload, and not.
  for (const std::size_t behind : {0U, 5U}) {
    packets[20].bytes = vsockRecord(20, inner.size() + behind);
    packets[20].wireLength = static_cast<std::uint32_t>(packets[20].bytes.size());
    std::ranges::copy(inner,
                      packets[20].bytes.end() - static_cast<std::ptrdiff_t>(inner.size() + behind));
    auto file = pcapFile(packets);
    damageHeader(file, pcapRecordOffsets(packets)[20]);
    auto others = packets;
    others.erase(others.begin() + 20);
    for (const std::size_t piece : {std::size_t{700}, file.size()}) {
      EXPECT_TRUE(areSame(drainBytes(file, piece).packets, others)) << behind << ' ' << piece;
    }
  }
}

TEST_P(PcapFileOfAnotherDialect, IsReadBehindADamagedOne) {
  const auto packets = spreadPackets(40);
  const auto second = spreadPackets(30);
  auto file = pcapFile(packets);
  damageHeader(file, pcapRecordOffsets(packets)[39]);
  const auto joined = pcapFile(second, GetParam());
  file.insert(file.end(), joined.begin(), joined.end());
  auto expected = packets;
  expected.pop_back();
  expected.insert(expected.end(), second.begin(), second.end());
  for (const std::size_t piece : {std::size_t{700}, file.size()}) {
    EXPECT_TRUE(areSame(drainBytes(file, piece).packets, expected)) << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(PcapJoint, PcapFileOfAnotherDialect,
                         testing::Values(PcapDialect{.bigEndian = true},
                                         PcapDialect{.magic = 0xa1b23c4d},
                                         PcapDialect{.magic = 0xa1b23c4d, .bigEndian = true},
                                         PcapDialect{.magic = 0xa1b2cd34}));

TEST(PcapFileOfAnotherDay, IsPayloadInADamagedPacket) {
  auto packets = spreadPackets(60);
  auto old = spreadPackets(5);
  for (Packet& packet : old) packet.timestampNs -= 3 * 86'400 * kSecond;
  const auto inner = pcapFile(old);
  packets[20].bytes = vsockRecord(20, inner.size());
  packets[20].wireLength = static_cast<std::uint32_t>(packets[20].bytes.size());
  std::ranges::copy(inner, packets[20].bytes.end() - static_cast<std::ptrdiff_t>(inner.size()));
  auto file = pcapFile(packets);
  damageHeader(file, pcapRecordOffsets(packets)[20]);
  packets.erase(packets.begin() + 20);
  EXPECT_TRUE(areSame(drainBytes(file).packets, packets));
}

TEST(PcapWhoseClockWasSet, IsReadOnBehindADamageHoweverSlowItsPacketsCome) {
  for (const std::int64_t step : {-2 * 86'400, -3600, 3 * 86'400}) {
    for (const std::int64_t gap : {1, 30, 3600}) {
      auto packets = equallyLongPackets(60);
      for (std::size_t i = 0; i < packets.size(); ++i) {
        const std::int64_t set = i < 30 ? 0 : step;
        packets[i].timestampNs =
            (1'700'000'000 + static_cast<std::int64_t>(i) * gap + set) * kSecond;
      }
      auto file = pcapFile(packets);
      damageHeader(file, pcapRecordOffsets(packets)[30]);
      packets.erase(packets.begin() + 30);
      EXPECT_TRUE(areSame(drainBytes(file).packets, packets)) << step << ' ' << gap;
    }
  }
}

}  // namespace
}  // namespace vsdump::test
