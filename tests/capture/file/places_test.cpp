// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/places.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "capture/file/pcap_format.h"
#include "tests/capture/file/capture_bytes.h"

namespace vsdump::test {
namespace {

constexpr std::byte kFirst{0x17};
constexpr std::byte kLast{0x42};

bool mayBegin(const std::byte* place) {
  return (place[0] == kFirst) & (place[kPlaceBytes - 1] == kLast);
}

std::size_t nextOneByOne(std::span<const std::byte> bytes, std::size_t at, std::size_t end) {
  while (at < end && bytes.size() - at >= kPlaceBytes && !mayBegin(bytes.data() + at)) ++at;
  return at;
}

TEST(NextPlace, IsTheOneThatALookAtEachPlaceFinds) {
  constexpr std::size_t kLongest = 400;
  std::mt19937 random(1);
  const auto upTo = [&](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(random);
  };
  for (int i = 0; i < 3000; ++i) {
    const std::size_t size = upTo(kLongest);
    // Of its own, so that a look beyond its end is noticed.
    const auto owned = std::make_unique<std::byte[]>(size);
    const std::span<std::byte> bytes(owned.get(), size);
    for (std::size_t hits = upTo(3); hits > 0 && size >= kPlaceBytes; --hits) {
      const std::size_t at = upTo(size - kPlaceBytes);
      bytes[at] = kFirst;
      if (upTo(3) > 0) bytes[at + kPlaceBytes - 1] = kLast;
    }
    const std::size_t end = upTo(size);
    for (std::size_t at = 0; at <= end; ++at) {
      ASSERT_EQ(nextPlace(bytes, at, end, mayBegin), nextOneByOne(bytes, at, end))
          << size << ' ' << at << ' ' << end;
    }
  }
}

TEST(NextMagic, FindsThatOfEachDialectInEachPlace) {
  constexpr std::size_t kSize = 300;
  for (const std::uint32_t magic :
       {pcap::kMicrosecondMagic, pcap::kNanosecondMagic, pcap::kModifiedMagic}) {
    for (const bool bigEndian : {false, true}) {
      for (std::size_t at = 0; at + kPlaceBytes <= kSize; ++at) {
        ByteWriter bytes(bigEndian);
        bytes.bytes(std::vector<std::byte>(at)).u32(magic);
        bytes.bytes(std::vector<std::byte>(kSize - at - 4));
        EXPECT_EQ(pcap::nextMagic(bytes.out, 0, kSize), at);
      }
    }
  }
}

}  // namespace
}  // namespace vsdump::test
