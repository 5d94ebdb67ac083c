// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/suggestion.h"

#include <gtest/gtest.h>

#include <string>

namespace vsdump {
namespace {

TEST(Suggestion, FindsTheOptionBehindATypingError) {
  EXPECT_EQ(closestLongOption("jsno"), "json");
  EXPECT_EQ(closestLongOption("interfce"), "interface");
  EXPECT_EQ(closestLongOption("colour"), "color");
  EXPECT_EQ(closestLongOption("snapshotlength"), "snapshot-length");
  EXPECT_EQ(closestLongOption("follow_file"), "follow-file");
}

TEST(Suggestion, MakesNoneUpForAnotherWord) {
  EXPECT_FALSE(closestLongOption(""));
  EXPECT_FALSE(closestLongOption("x"));
  EXPECT_FALSE(closestLongOption("promiscuous"));
  EXPECT_FALSE(closestLongOption(std::string(100000, 'a')));
}

TEST(Suggestion, NamesNoOptionThatIsForTheBuildOnly) {
  EXPECT_NE(closestLongOption("print-man-pagee"), "print-man-page");
}

}  // namespace
}  // namespace vsdump
