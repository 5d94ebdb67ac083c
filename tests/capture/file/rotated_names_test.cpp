// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/rotated_names.h"

#include <gtest/gtest.h>

#include <string>

namespace vsdump {
namespace {

TEST(RotatedName, HasANumberAfterTheFirstFile) {
  const RotatedNames names{.pattern = "/tmp/a.pcap"};
  EXPECT_EQ(*rotatedName(names, 0, 0), "/tmp/a.pcap");
  EXPECT_EQ(*rotatedName(names, 0, 1), "/tmp/a.pcap1");
  EXPECT_EQ(*rotatedName(names, 0, 12), "/tmp/a.pcap12");
}

TEST(RotatedName, HasZerosInFrontSoThatTheNamesOfARingSort) {
  EXPECT_EQ(digitsOf(1), 0);
  EXPECT_EQ(digitsOf(10), 1);
  EXPECT_EQ(digitsOf(11), 2);
  const RotatedNames names{.pattern = "a", .digits = digitsOf(101)};
  EXPECT_EQ(*rotatedName(names, 0, 0), "a000");
  EXPECT_EQ(*rotatedName(names, 0, 100), "a100");
}

TEST(RotatedName, HasTheTimeOnlyWhereThatWasAskedFor) {
  constexpr std::time_t kSome = 1'700'000'000;
  EXPECT_EQ(*rotatedName({.pattern = "a%s%%"}, kSome, 0), "a%s%%");
  EXPECT_EQ(*rotatedName({.pattern = "a%s%%", .isTimed = true}, kSome, 2), "a1700000000%2");
}

TEST(RotatedName, ThatIsTooLongOrEmptyIsAnError) {
  const std::string longest(5000, 'x');
  EXPECT_FALSE(rotatedName({.pattern = longest}, 0, 0));
  EXPECT_FALSE(rotatedName({.pattern = longest, .isTimed = true}, 0, 0));
}

TEST(RotatedFolder, IsWhatAllNamesHaveInCommon) {
  EXPECT_EQ(rotatedFolder({.pattern = "a.pcap"}), "");
  EXPECT_EQ(rotatedFolder({.pattern = "/a.pcap"}), "/");
  EXPECT_EQ(rotatedFolder({.pattern = "/x/%Y/a.pcap"}), "/x/%Y/");
  EXPECT_EQ(rotatedFolder({.pattern = "/x/%Y/a.pcap", .isTimed = true}), "/x/");
}

}  // namespace
}  // namespace vsdump
