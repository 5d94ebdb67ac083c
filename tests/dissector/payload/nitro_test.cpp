// SPDX-License-Identifier: GPL-2.0-or-later
// There is no enclave here: the bytes are those of the sources that nitro.h names.
#include "dissector/payload/nitro.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NitroHeartbeat, IsAByteAndItsEcho) {
  const StreamFacts facts{.client = {Cid{16}, Port{5000}}, .server = {Cid{3}, Port{9000}}};
  EXPECT_THAT(linesOf({toServer("\xB7"), toClient("\xB7")}, facts),
              ElementsAre("nitro heartbeat: ok"));
  EXPECT_THAT(linesOf({toServer("\xB7")}, facts), ElementsAre("nitro heartbeat: unanswered"));
  EXPECT_THAT(linesOf({toServer("\xB7more")}, facts), IsEmpty());
  EXPECT_THAT(linesOf({toServer("\xB7"), toClient("\xB7")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
