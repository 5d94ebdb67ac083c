// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/wire/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace vsdump {
namespace {

constexpr std::array<std::byte, 9> kBytes = {std::byte{1}, std::byte{2},    std::byte{3},
                                             std::byte{4}, std::byte{5},    std::byte{6},
                                             std::byte{7}, std::byte{0xFF}, std::byte{9}};

TEST(LittleEndianLoad, TakesTheLowestByteFirst) {
  const std::span<const std::byte, 9> header(kBytes);
  EXPECT_EQ((le<std::uint16_t, 0>(header)), 0x0201);
  EXPECT_EQ((le<std::uint32_t, 1>(header)), 0x05040302U);
  EXPECT_EQ((le<std::uint64_t, 0>(header)), 0xFF07060504030201U);
}

TEST(UpTo, TakesWhatIsThereWhenLessIsThere) {
  EXPECT_EQ(upTo(kBytes, 4).size(), 4U);
  EXPECT_EQ(upTo(kBytes, 9).size(), 9U);
  EXPECT_EQ(upTo(kBytes, 100).size(), 9U);
  EXPECT_EQ(upTo(kBytes, 4).data(), kBytes.data());
  EXPECT_TRUE(upTo(Bytes(), 1).empty());
}

}  // namespace
}  // namespace vsdump
