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

TEST(Cursor, HandsOutHeadersFromFrontToBack) {
  Cursor cursor(kBytes);
  const auto first = cursor.take<4>();
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)[0], std::byte{1});
  const auto second = cursor.take<4>();
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)[0], std::byte{5});
  EXPECT_EQ(cursor.rest().size(), 1U);
}

TEST(Cursor, KeepsItsPlaceWhenAHeaderDoesNotFit) {
  Cursor cursor(kBytes);
  EXPECT_FALSE(cursor.take<10>());
  EXPECT_EQ(cursor.rest().size(), 9U);
}

TEST(Cursor, TakesWhatIsLeftWhenLessIsThere) {
  Cursor cursor(kBytes);
  EXPECT_EQ(cursor.takeUpTo(4).size(), 4U);
  EXPECT_EQ(cursor.takeUpTo(100).size(), 5U);
  EXPECT_TRUE(cursor.takeUpTo(1).empty());
}

}  // namespace
}  // namespace vsdump
