// SPDX-License-Identifier: GPL-2.0-or-later
// Debian has no Kata Containers: the bytes are built from the documents that ttrpc.h and kata.cpp
// name.
#include "dissector/payload/ttrpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string number(unsigned field, unsigned value) {
  return big(field << 3, 1) + big(value, 1);
}
std::string frame(std::uint32_t stream, std::uint8_t type, const std::string& data,
                  std::uint8_t flags = 0) {
  return big(data.size(), 4) + big(stream, 4) + big(type, 1) + big(flags, 1) + data;
}
std::string call(std::uint32_t stream, const std::string& method, const std::string& body,
                 const std::string& service = "grpc.AgentService", std::uint8_t flags = 0) {
  return frame(stream, 1, field(1, service) + field(2, method) + field(3, body), flags);
}

TEST(Ttrpc, PairsCallsWithRepliesByTheirStream) {
  const auto lines = linesHoweverSplit(
      {toServer(call(1, "CreateContainer",
                     field(1, "c0ffee01") + field(2, "c0ffee01") +
                         field(6, field(2, field(4, "/bin/sh") + field(4, "-c"))))),
       toServer(call(3, "StartContainer", field(1, "c0ffee01"))),
       toClient(frame(3, 2, "") + frame(1, 2, field(1, "") + field(2, "")))});
  EXPECT_THAT(lines, ElementsAre("kata StartContainer id=c0ffee01: ok",
                                 "kata CreateContainer id=c0ffee01 exec_id=c0ffee01 "
                                 "program=/bin/sh: ok"));
}

TEST(Ttrpc, GivesTheStatusOfACallThatFailed) {
  EXPECT_THAT(linesHoweverSplit(
                  {toServer(call(1, "SignalProcess", field(1, "c1") + number(3, 9))),
                   toClient(frame(1, 2, field(1, number(1, 5) + field(2, "no such container"))))}),
              ElementsAre("kata SignalProcess id=c1 signal=9: error NOT_FOUND: no such container"));
}

TEST(Ttrpc, TakesWhoSendsTheRequestForTheClient) {
  // nerdbox: the guest opens the connection, and the host calls.
  EXPECT_THAT(linesHoweverSplit({toClient(call(1, "State", "", "containerd.task.v3.Task")),
                                 toServer(frame(1, 2, ""))}),
              ElementsAre("ttrpc State service=containerd.task.v3.Task: ok"));
}

TEST(Ttrpc, KeepsStandardStreamsAndEnvironmentsToItself) {
  const auto lines = linesHoweverSplit(
      {toServer(call(1, "ExecProcess",
                     field(1, "c1") + field(2, "e1") +
                         field(4, field(4, "env") + field(5, "PASSWORD=hunter2")))),
       toClient(frame(1, 2, "")),
       toServer(call(3, "WriteStdin", field(1, "c1") + field(3, "secret"))),
       toClient(frame(3, 2, field(2, number(1, 6))))});
  EXPECT_THAT(lines, ElementsAre("kata ExecProcess id=c1 exec_id=e1 program=env: ok",
                                 "kata WriteStdin id=c1 bytes=6: ok written=6"));
}

TEST(Ttrpc, TellsSecretsOnDemand) {
  Dialogue dialogue({}, {}, {}, true);
  dialogue.say(toServer(call(1, "ExecProcess",
                             field(1, "c1") + field(4, field(4, "env") + field(5, "A=1") +
                                                           field(5, "PASSWORD=hunter2"))) +
                        call(3, "WriteStdin", field(1, "c1") + field(3, "secret"))));
  EXPECT_THAT(dialogue.askedLines,
              ElementsAre("? kata ExecProcess id=c1 program=env env=A=1,PASSWORD=hunter2",
                          "? kata WriteStdin id=c1 bytes=6 data=secret"));
}

TEST(Ttrpc, TellsWaitsForEventsFromSlowCalls) {
  Dialogue dialogue;
  dialogue.say(toServer(call(1, "WaitProcess", field(1, "c1"))));
  dialogue.say(toServer(call(3, "StatsContainer", field(1, "c1"))));
  dialogue.say(toClient(frame(3, 2, "") + frame(1, 2, field(2, number(1, 137 & 0x7F)))));
  ASSERT_EQ(dialogue.messages.size(), 2U);
  EXPECT_FALSE(dialogue.messages[0].isLongPoll);
  EXPECT_TRUE(dialogue.messages[1].isLongPoll);
}

TEST(Ttrpc, CountsTheMessagesOfAStream) {
  EXPECT_THAT(
      linesHoweverSplit({toServer(call(1, "Stream", "", "my.Service", 2) + frame(1, 3, "one") +
                                  frame(1, 3, "two", 1)),
                         toClient(frame(1, 3, "a") + frame(1, 3, "b")),
                         toClient(frame(1, 3, "", 5))}),
      ElementsAre("ttrpc Stream service=my.Service: ok messages_sent=2 messages_received=2"));
}

TEST(Ttrpc, LeavesOtherBytesAlone) {
  const std::string right = call(1, "Check", "", "grpc.Health");
  for (const std::size_t at : {std::size_t{0}, std::size_t{8}, std::size_t{9}, std::size_t{10}}) {
    std::string wrong = right;
    wrong[at] = '\x70';
    EXPECT_THAT(linesOf({toServer(wrong)}), IsEmpty()) << at;
  }
  EXPECT_THAT(linesOf({toServer(std::string(64, '\0'))}), IsEmpty());
}

TEST(Ttrpc, SaysWhatWasNeverAnswered) {
  EXPECT_THAT(linesHoweverSplit({toServer(call(1, "PauseContainer", field(1, "c1")))}),
              ElementsAre("kata PauseContainer id=c1: unanswered"));
}

}  // namespace
}  // namespace vsdump::payload::test
