// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Journal, TellsEntries) {
  const auto lines = linesHoweverSplit(
      {toServer("__REALTIME_TIMESTAMP=1404101101501873\n_SYSTEMD_UNIT=sshd.service\n"
                "PRIORITY=3\nMESSAGE=something failed\n\n"),
       toServer("__CURSOR=s=1\nMESSAGE\n" + little(9, 8) + "two\nlines\nSYSLOG_IDENTIFIER=me\n\n"),
       toServer("__CURSOR=s=2\nMESSAGE=last\n")});
  EXPECT_THAT(lines, ElementsAre("journal entry unit=sshd.service priority=3 "
                                 "text=\"something failed\"",
                                 R"(journal entry text=two\nlines identifier=me)",
                                 "journal entry text=last"));
}

TEST(Journal, PassesLongValues) {
  EXPECT_THAT(linesHoweverSplit({toServer("__CURSOR=s=1\nCOREDUMP\n" + little(3000, 8) +
                                          std::string(3000, 'c') + "\nMESSAGE=dumped\n\n")}),
              ElementsAre("journal entry text=dumped"));
}

TEST(Journal, LeavesOtherTextAlone) {
  EXPECT_THAT(linesOf({toServer("MESSAGE=x\n\n")}), IsEmpty());
  EXPECT_THAT(linesOf({toServer("__CURSES=x\n\n")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
