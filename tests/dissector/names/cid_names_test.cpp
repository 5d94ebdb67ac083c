// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/cid_names.h"

#include <gtest/gtest.h>

namespace vsdump {
namespace {

TEST(CidName, KnowsTheFourFixedOnes) {
  EXPECT_EQ(cidName(Cid{0}), "hypervisor");
  EXPECT_EQ(cidName(Cid{1}), "local");
  EXPECT_EQ(cidName(Cid{2}), "host");
  EXPECT_EQ(cidName(Cid{0xFFFFFFFF}), "any");
}

TEST(CidName, LeavesGuestsNameless) {
  EXPECT_EQ(cidName(Cid{3}), "");
  EXPECT_EQ(cidName(Cid{0x100000002}), "");
}

TEST(PrivilegedPorts, EndAt1023) {
  EXPECT_TRUE(isPrivileged(Port{1023}));
  EXPECT_FALSE(isPrivileged(Port{1024}));
}

}  // namespace
}  // namespace vsdump
