// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/waiting_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Keeps a line for each request that waits no longer.
class Heard : public MessageConsumer {
 public:
  void done(const Message& message) override {
    lines.push_back(message.call + ' ' + std::string(outcomeWord(message.outcome)));
  }
  std::vector<std::string> lines;
};

Message named(const std::string& call, Direction d = Direction::ToServer) {
  Message message;
  message.call = call;
  message.direction = d;
  return message;
}

TEST(WaitingRequests, GivesUpWhatHasTheSameKeyOrIsTooMuch) {
  Heard heard;
  WaitingRequests waiting(heard, 2);
  waiting.add(1, named("a"));
  waiting.add(1, named("b"));
  waiting.add(2, named("c"));
  EXPECT_THAT(heard.lines, ElementsAre("a unknown"));
  waiting.add(3, named("d"));
  EXPECT_THAT(heard.lines, ElementsAre("a unknown", "b unknown"));
  EXPECT_EQ(waiting.find(1), nullptr);
  EXPECT_NE(waiting.find(3), nullptr);
}

TEST(WaitingRequests, KeepsWhatIsHandedOverThroughOneTurn) {
  Heard heard;
  WaitingRequests waiting(heard, 8);
  waiting.add(7, named("upgrade"));
  waiting.add(8, named("other"));
  waiting.handOver(7, 1);
  waiting.handOver(9, 2);
  waiting.settleForTurn(Outcome::Unknown);
  EXPECT_THAT(heard.lines, ElementsAre("other unknown"));
  EXPECT_EQ(waiting.find(7), nullptr);
  ASSERT_NE(waiting.find(1), nullptr);
  EXPECT_EQ(waiting.find(1)->call, "upgrade");
  waiting.settleForTurn(Outcome::Unknown);
  EXPECT_THAT(heard.lines, ElementsAre("other unknown", "upgrade unknown"));
}

TEST(WaitingRequests, ClaimsNothingWhereTheReplyMayBeMissing) {
  Heard heard;
  WaitingRequests waiting(heard, 8);
  waiting.add(1, named("to server"));
  waiting.add(2, named("to client", Direction::ToClient));
  waiting.doubt(Direction::ToClient);
  EXPECT_THAT(heard.lines, IsEmpty());
  waiting.settleAll(Outcome::Unanswered);
  EXPECT_THAT(heard.lines, ElementsAre("to server unknown", "to client unanswered"));
}

}  // namespace
}  // namespace vsdump::payload::test
