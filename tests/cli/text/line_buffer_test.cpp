// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/line_buffer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace vsdump {
namespace {

std::string decimalOf(std::uint64_t value) {
  LineBuffer out;
  out.put('<');
  out.putDecimal(value);
  out.put('>');
  return std::string(out.text());
}

TEST(LineBuffer, WritesNumbersAsTheStandardLibraryDoes) {
  for (std::uint64_t value = 0; value < 1'100'000; ++value) {
    ASSERT_EQ(decimalOf(value), '<' + std::to_string(value) + '>');
  }
  // Around each power of ten and of two.
  for (std::uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10) {
    for (std::uint64_t value = power * 10 - 2; value != power * 10 + 3; ++value) {
      EXPECT_EQ(decimalOf(value), '<' + std::to_string(value) + '>');
    }
  }
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t value = std::uint64_t{1} << bit;
    EXPECT_EQ(decimalOf(value), '<' + std::to_string(value) + '>');
    EXPECT_EQ(decimalOf(0 - value), '<' + std::to_string(0 - value) + '>');
  }
}

TEST(LineBuffer, WritesNumbersOfUpToEightDigitsAtOnce) {
  const auto check = [](std::uint32_t value) {
    char text[20];
    return std::string(text, writeUpToEightDigits(text, value)) == std::to_string(value);
  };
  // Every value of each half, beside some of the other one.
  for (std::uint32_t half = 0; half < 10'000; ++half) {
    for (const std::uint32_t other : {0U, 1U, 99U, 1000U, 9999U}) {
      ASSERT_TRUE(check(half * 10'000 + other) && check(other * 10'000 + half)) << half;
    }
  }
  for (const std::uint32_t value : {99'999'999U, 100'000'000U, UINT32_MAX})
    EXPECT_TRUE(check(value));
}

TEST(LineBuffer, FillsNumbersToAWidth) {
  LineBuffer out;
  out.putDecimal(7, 3, '0');
  out.putDecimal(1234, 3, '0');
  out.putDecimal(42, 5, ' ');
  EXPECT_EQ(out.text(), "0071234   42");
}

TEST(LineBuffer, WritesTheLeastSignedNumber) {
  LineBuffer out;
  out.putSigned(INT64_MIN);
  EXPECT_EQ(out.text(), std::to_string(INT64_MIN));
}

TEST(LineBuffer, KeepsWhatItHasWhereItGrows) {
  LineBuffer out;
  std::string wanted;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    out.putDecimal(i);
    wanted += std::to_string(i);
  }
  EXPECT_EQ(out.text(), wanted);
}

}  // namespace
}  // namespace vsdump
