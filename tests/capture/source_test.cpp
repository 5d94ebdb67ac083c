// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/source.h"

#include <gtest/gtest.h>

namespace vsdump::test {
namespace {

TEST(ACopyOfInterfaces, IsBroughtUpToDate) {
  std::vector<CaptureInterface> interfaces{{.name = "first"}, {.name = "second"}};
  std::vector<CaptureInterface> copy;
  update(copy, interfaces);
  ASSERT_EQ(copy.size(), 2U);
  interfaces[1].statistics.received = 7;
  interfaces.push_back({.name = "third", .linkType = kLinkTypeVsock});
  update(copy, interfaces);
  ASSERT_EQ(copy.size(), 3U);
  EXPECT_EQ(copy[0].name, "first");
  EXPECT_EQ(copy[1].name, "second");
  EXPECT_EQ(copy[1].statistics.received, 7U);
  EXPECT_EQ(copy[2].name, "third");
  EXPECT_EQ(copy[2].linkType, kLinkTypeVsock);
}

}  // namespace
}  // namespace vsdump::test
