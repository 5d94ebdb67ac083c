// SPDX-License-Identifier: GPL-2.0-or-later
// Debian has no Kata Containers: the bytes are built from its documents.
#include "dissector/payload/kata_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(KataLog, TellsTheLinesOfTheAgent) {
  const auto lines = linesHoweverSplit(
      {toClient(R"({"msg":"announce","level":"INFO","subsystem":"root","version":"0.1.0"})"
                "\n"
                R"({"level":"ERRO","msg":"no such \"device\""})"
                "\n")});
  EXPECT_THAT(lines, ElementsAre("kata-log INFO subsystem=root text=announce",
                                 R"(kata-log ERRO text="no such \"device\"")"));
}

TEST(KataLog, GoesOnAfterAGap) {
  const std::string line = R"({"level":"WARN","msg":"late"})"
                           "\n";
  Dialogue dialogue;
  dialogue.say(toClient(line));
  Said lost = toClient(line);
  lost.isLost = true;
  dialogue.say(lost);
  dialogue.say(toClient("rest of a line\n"));
  dialogue.say(toClient(line));
  EXPECT_THAT(dialogue.lines, ElementsAre("kata-log WARN text=late", "kata-log WARN text=late"));
}

TEST(KataLog, LeavesOtherJsonAlone) {
  EXPECT_THAT(linesOf({toClient("{\"level\":\"info\",\"msg\":\"x\"}\n")}), IsEmpty());
  EXPECT_THAT(linesOf({toClient("{\"msg\":\"x\"}\n")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
