// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/qemu_agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(QemuAgent, PairsCommandsWithRepliesInOrder) {
  EXPECT_THAT(
      linesHoweverSplit(
          {toServer("\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":1}}\n"),
           toClient("\xFF{\"return\": 1}\n"),
           toServer(
               "{\"execute\":\"guest-file-open\",\"arguments\":{\"path\":\"/x\",\"mode\":\"r\"}}\n"
               "{\"execute\":\"guest-nothing\"}\n"),
           toClient("{\"return\": 1000}\n{\"error\": {\"class\": \"CommandNotFound\", "
                    "\"desc\": \"The command is unknown\"}}\n")}),
      ElementsAre("qemu-agent guest-sync-delimited: ok",
                  "qemu-agent guest-file-open path=/x mode=r: ok",
                  "qemu-agent guest-nothing: error CommandNotFound: The command is unknown"));
}

TEST(QemuAgent, KeepsArgumentsToItself) {
  EXPECT_THAT(linesHoweverSplit({toServer("{\"execute\":\"guest-set-user-password\",\"arguments\":"
                                          "{\"username\":\"u\",\"password\":\"c2VjcmV0\"}}\n")}),
              ElementsAre("qemu-agent guest-set-user-password: unanswered"));
}

TEST(QemuAgent, ExpectsNoReplyToAShutdown) {
  EXPECT_THAT(linesHoweverSplit({toServer("{\"execute\":\"guest-shutdown\"}\n")}),
              ElementsAre("qemu-agent guest-shutdown"));
  EXPECT_THAT(linesHoweverSplit({toServer("{\"execute\":\"guest-suspend-ram\"}\n"
                                          "{\"execute\":\"guest-ping\"}\n"),
                                 toClient("{\"return\":{}}\n")}),
              ElementsAre("qemu-agent guest-suspend-ram", "qemu-agent guest-ping: ok"));
}

TEST(QemuAgent, LeavesOtherJsonAlone) {
  EXPECT_THAT(linesOf({toServer("{\"msg\":\"execute\"}\n")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
