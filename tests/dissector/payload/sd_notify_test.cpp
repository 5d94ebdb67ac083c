// SPDX-License-Identifier: GPL-2.0-or-later
// The bytes are those that systemd's sd_notify() sends.
#include "dissector/payload/sd_notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StreamFacts fromGuest() {
  return {.client = {Cid{42}, Port{1023}}, .server = {Cid{2}, Port{9999}}};
}

TEST(SdNotify, ShowsTheKeysOfAMessageAtTheEndOfItsConnection) {
  EXPECT_THAT(linesHoweverSplit({toServer("STATUS=all is well\nREADY=1\nSECRET=abc\n"
                                          "X_SYSTEMD_UNIT_ACTIVE=ssh.service")},
                                fromGuest()),
              ElementsAre("sd_notify notify STATUS=\"all is well\" READY=1 "
                          "X_SYSTEMD_UNIT_ACTIVE=ssh.service"));
}

TEST(SdNotify, TakesEachSeqpacketMessageForOne) {
  Dialogue dialogue(fromGuest());
  dialogue.endsMessages = true;
  dialogue.say(toServer("READY=1"));
  EXPECT_THAT(dialogue.lines, ElementsAre("sd_notify notify READY=1"));
}

TEST(SdNotify, SaysWhereASeqpacketMessageIsCut) {
  Dialogue dialogue(fromGuest());
  dialogue.endsMessages = true;
  Said said = toServer("STATUS=all is well");
  said.captured = 10;
  dialogue.say(said);
  EXPECT_THAT(dialogue.lines, ElementsAre("sd_notify notify STATUS=all (cut)"));
}

TEST(SdNotify, ComesFromPrivilegedPortsOnly) {
  StreamFacts facts = fromGuest();
  facts.client.port = Port{1024};
  EXPECT_THAT(linesOf({toServer("READY=1")}, facts), IsEmpty());
  EXPECT_THAT(linesOf({toServer("PATH=/bin")}, fromGuest()), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
