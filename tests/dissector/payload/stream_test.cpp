// SPDX-License-Identifier: GPL-2.0-or-later
// How payload is put together and shown to decoders, seen through HTTP, NBD and ttRPC.
#include "dissector/payload/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string ttrpcFrame(std::uint32_t stream, std::uint8_t type, const std::string& data) {
  return big(data.size(), 4) + big(stream, 4) + big(type, 1) + big(0, 1) + data;
}
std::string ttrpcRequest(std::uint32_t stream, const std::string& method, std::size_t padding = 0) {
  std::string data = "\x0A\x06my.Svc\x12" + big(method.size(), 1) + method;
  if (padding != 0) {
    data += "\x1A" + std::string{static_cast<char>((padding & 0x7F) | 0x80),
                                 static_cast<char>((padding >> 7 & 0x7F) | 0x80),
                                 static_cast<char>(padding >> 14)};
    data += std::string(padding, 'p');
  }
  return ttrpcFrame(stream, 1, data);
}

TEST(Stream, GivesUpOnWhatNoProtocolBeginsWith) {
  Dialogue dialogue;
  dialogue.say(toServer("once upon a time"));
  EXPECT_TRUE(dialogue.isOver());
  EXPECT_EQ(dialogue.buffered(), 0U);
  EXPECT_THAT(dialogue.lines, IsEmpty());
}

TEST(Stream, GivesUpOnATextThatNeverBecomesARequest) {
  Dialogue dialogue;
  dialogue.say(toServer("GET " + std::string(3000, 'x')));
  EXPECT_TRUE(dialogue.isOver());
  EXPECT_EQ(dialogue.buffered(), 0U);
}

TEST(Stream, ShowsTheFirstPartOfAMessageThatIsTooLong) {
  Dialogue dialogue({}, {}, {.streamBytes = 4096});
  dialogue.say(toServer(ttrpcRequest(1, "Big", 100'000)), 1000);
  EXPECT_LE(dialogue.buffered(), 4096U);
  dialogue.say(toClient(ttrpcFrame(1, 2, "")));
  dialogue.say(toServer(ttrpcRequest(3, "Small")));
  dialogue.say(toClient(ttrpcFrame(3, 2, "")));
  EXPECT_THAT(dialogue.lines,
              ElementsAre("ttrpc Big service=my.Svc: ok (cut)", "ttrpc Small service=my.Svc: ok"));
  EXPECT_EQ(dialogue.totals().cutMessages, 1U);
}

TEST(Stream, GoesOnBehindAMessageOfWhichTheEndWasNotCaptured) {
  Dialogue dialogue;
  Said request = toServer(ttrpcRequest(1, "Long", 5000));
  request.captured = 52;
  dialogue.say(request);
  dialogue.say(toServer(ttrpcRequest(3, "Next")));
  dialogue.say(toClient(ttrpcFrame(3, 2, "") + ttrpcFrame(1, 2, "")));
  EXPECT_THAT(dialogue.lines,
              ElementsAre("ttrpc Next service=my.Svc: ok", "ttrpc Long service=my.Svc: ok (cut)"));
}

TEST(Stream, FindsTheNextMessageAfterAGap) {
  Dialogue dialogue;
  dialogue.say(toServer(ttrpcRequest(1, "Before")));
  Said lost = toServer(ttrpcRequest(3, "Lost"));
  lost.isLost = true;
  dialogue.say(lost);
  dialogue.say(toServer("the end of something that began in the gap"));
  dialogue.say(toServer(ttrpcRequest(5, "After")));
  dialogue.say(toClient(ttrpcFrame(3, 2, "") + ttrpcFrame(5, 2, "") + ttrpcFrame(1, 2, "")));
  EXPECT_THAT(dialogue.lines,
              ElementsAre("ttrpc After service=my.Svc: ok", "ttrpc Before service=my.Svc: ok"));
}

TEST(Stream, DoesNotCallARequestUnansweredWhoseReplyMayBeLost) {
  Dialogue dialogue;
  dialogue.say(toServer(ttrpcRequest(1, "First")));
  Said lost = toClient(ttrpcFrame(1, 2, ""));
  lost.isLost = true;
  dialogue.say(lost);
  dialogue.say(toServer(ttrpcRequest(3, "Second")));
  dialogue.say(toClient(ttrpcFrame(3, 2, "")));
  dialogue.say(toServer(ttrpcRequest(5, "Third")));
  dialogue.end();
  EXPECT_THAT(dialogue.lines,
              ElementsAre("ttrpc Second service=my.Svc: ok", "ttrpc First service=my.Svc: unknown",
                          "ttrpc Third service=my.Svc: unanswered"));
}

TEST(Stream, RecognisesAConnectionFromItsMiddle) {
  Dialogue dialogue({.isFromStart = false});
  dialogue.say(toClient("half of a reply"));
  dialogue.say(toServer(ttrpcRequest(7, "Late")));
  dialogue.say(toClient(ttrpcFrame(7, 2, "")));
  EXPECT_THAT(dialogue.names, ElementsAre("ttrpc"));
  EXPECT_THAT(dialogue.lines, ElementsAre("ttrpc Late service=my.Svc: ok"));
}

TEST(Stream, DecodesNothingWhereOnlyTheNameIsWanted) {
  Dialogue dialogue;
  dialogue.wantsMessages = false;
  dialogue.say(toServer(ttrpcRequest(1, "Call")), 5);
  dialogue.say(toClient(ttrpcFrame(1, 2, "")));
  EXPECT_THAT(dialogue.names, ElementsAre("ttrpc"));
  EXPECT_THAT(dialogue.lines, IsEmpty());
  EXPECT_TRUE(dialogue.isOver());
  EXPECT_EQ(dialogue.buffered(), 0U);
}

TEST(Stream, TakesTheUsersWordForAProtocol) {
  Dialogue dialogue({}, "http");
  dialogue.say(toServer("\r\n\r\nGET / HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(dialogue.askedLines, ElementsAre("? http GET target=/"));
}

TEST(Stream, HoldsNoMoreThanAllStreamsMay) {
  Dialogue dialogue({}, {}, {.allBytes = 2000});
  dialogue.say(toServer(ttrpcRequest(1, "Big", 100'000)), 500);
  EXPECT_TRUE(dialogue.isOver());
  EXPECT_EQ(dialogue.buffered(), 0U);
  EXPECT_EQ(dialogue.totals().droppedStreams, 1U);
}

TEST(Stream, MeasuresFromTheRequestToTheEndOfTheReply) {
  Dialogue dialogue;
  dialogue.say(toServer(ttrpcRequest(1, "Slow")));
  const std::string reply = ttrpcFrame(1, 2, "\x12\2ok");
  dialogue.say(toClient(reply.substr(0, 4)));
  dialogue.say(toClient(reply.substr(4)));
  ASSERT_EQ(dialogue.messages.size(), 1U);
  EXPECT_EQ(dialogue.messages[0].latencyNs(), 2'000'000U);
  EXPECT_EQ(raw(dialogue.messages[0].packet), 1U);
  EXPECT_EQ(raw(dialogue.messages[0].replyPacket), 3U);
}

}  // namespace
}  // namespace vsdump::payload::test
