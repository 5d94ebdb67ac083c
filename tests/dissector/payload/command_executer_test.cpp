// SPDX-License-Identifier: GPL-2.0-or-later
// There is no enclave here: the bytes are those of the sources that command_executer.h names.
#include "dissector/payload/command_executer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string number(std::uint64_t value) {
  return little(value, 8) + big(0, 1);
}
std::string withLength(const std::string& text) {
  return number(text.size()) + text;
}
const std::string kRun = number(0) + withLength("curl --user me:hunter2 http://x");

TEST(CommandExecuter, TellsWhichProgramRanAndHowItEnded) {
  EXPECT_THAT(linesHoweverSplit(
                  {toServer(kRun), toClient(withLength(R"({"stdout":"x","stderr":"","rc":0})"))}),
              ElementsAre("command-executer RunCmd program=curl: ok exit_status=0"));
  EXPECT_THAT(linesHoweverSplit({toServer(number(3) + withLength("sleep 1000")),
                                 toClient(withLength(R"({"stdout":"","stderr":"","rc":1})"))}),
              ElementsAre("command-executer RunCmdNoWait program=sleep: error exit_status=1"));
  EXPECT_THAT(
      linesOf({toServer(kRun), toClient(withLength(R"({"stdout":"","stderr":"","rc":null})"))}),
      ElementsAre("command-executer RunCmd program=curl: error no exit status"));
  EXPECT_THAT(linesOf({toServer(kRun)}),
              ElementsAre("command-executer RunCmd program=curl: unanswered"));
}

TEST(CommandExecuter, TellsWhatIsSecretOnDemand) {
  Dialogue dialogue({}, {}, {}, true);
  dialogue.say(toServer(kRun));
  dialogue.say(toClient(withLength(R"({"stdout":"out","stderr":"err","rc":0})")));
  EXPECT_THAT(dialogue.lines, ElementsAre("command-executer RunCmd program=curl "
                                          "command=\"curl --user me:hunter2 http://x\": "
                                          "ok exit_status=0 stdout=out stderr=err"));
}

TEST(CommandExecuter, TellsWhichFilesAreCopied) {
  EXPECT_THAT(linesHoweverSplit(
                  {toServer(number(1) + withLength("/etc/hosts")), toClient(number(5) + "12345")}),
              ElementsAre("command-executer RecvFile path=/etc/hosts: ok bytes=5"));
  EXPECT_THAT(
      linesHoweverSplit({toServer(number(2) + withLength("/usr/bin/tool") + number(5) + "12345")}),
      ElementsAre("command-executer SendFile path=/usr/bin/tool bytes=5"));
  EXPECT_THAT(linesOf({toServer(number(2) + withLength("/usr/bin/tool"))}),
              ElementsAre("command-executer SendFile path=/usr/bin/tool"));
}

TEST(CommandExecuter, IsNoOtherNumberOrLength) {
  EXPECT_THAT(linesOf({toServer(number(4) + withLength("x"))}), IsEmpty());
  EXPECT_THAT(linesOf({toServer(number(0) + number(0))}), IsEmpty());
  EXPECT_THAT(linesOf({toServer(number(0) + number(8193) + "x")}), IsEmpty());
  EXPECT_THAT(linesOf({toServer(std::string(40, '\0'))}), IsEmpty());
}

TEST(CommandExecuter, LosesWhatIsNotCaptured) {
  Said reply = toClient(withLength(R"({"stdout":"x","stderr":"","rc":0})"));
  reply.captured = 20;
  EXPECT_THAT(linesOf({toServer(kRun), reply}),
              ElementsAre("command-executer RunCmd program=curl: unknown"));
}

}  // namespace
}  // namespace vsdump::payload::test
