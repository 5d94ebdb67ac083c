// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/http1.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dissector/payload/http_head.h"
#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Http1, PairsRequestsWithResponsesInOrder) {
  const auto lines = linesHoweverSplit(
      {toServer("GET /a HTTP/1.1\r\nHost: vm\r\n\r\nGET /b HTTP/1.1\r\nHost: vm\r\n\r\n"),
       toClient(
           "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=x\r\nContent-Length: 5\r\n\r\n"
           "helloHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")});
  EXPECT_THAT(lines,
              ElementsAre("http GET target=/a host=vm: ok status=200 type=text/plain bytes=5",
                          "http GET target=/b host=vm: error Not Found status=404"));
}

TEST(Http1, ReadsChunksAndTheTrailersBehindThem) {
  EXPECT_THAT(
      linesHoweverSplit({toServer("POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "3\r\nabc\r\n0\r\n\r\n"),
                         toClient("HTTP/1.1 100 Continue\r\n\r\n"),
                         toClient("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "a;x=y\r\n0123456789\r\n5\r\nHTTP/\r\n0\r\nX: y\r\n\r\n")}),
      ElementsAre("http POST target=/up: ok status=200 bytes=15"));
}

TEST(Http1, KnowsWhichResponsesHaveNoBody) {
  EXPECT_THAT(
      linesHoweverSplit({toServer("HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
                         toClient("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
                                  "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n")}),
      ElementsAre("http HEAD target=/: ok status=200", "http GET target=/: ok status=304"));
}

TEST(Http1, ReadsABodyUpToTheEndOfTheConnection) {
  EXPECT_THAT(linesHoweverSplit({toServer("GET / HTTP/1.0\r\n\r\n"),
                                 toClient("HTTP/1.0 200 OK\r\n\r\nall of "), toClient("this")}),
              ElementsAre("http GET target=/: ok status=200 bytes=11"));
}

TEST(Http1, SaysThatABodyIsIncomplete) {
  EXPECT_THAT(linesHoweverSplit({toServer("GET / HTTP/1.1\r\n\r\n"),
                                 toClient("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234")}),
              ElementsAre("http GET target=/: error the response ends within its body "
                          "status=200 bytes=4"));
}

TEST(Http1, KeepsSecretsToItself) {
  EXPECT_EQ(shownTarget("/path?token=abc"), "/path?...");
  EXPECT_EQ(shownTarget("http://user:password@host/path"), "http://...@host/path");
  EXPECT_EQ(shownTarget("http://host/mail@host"), "http://host/mail@host");
  EXPECT_EQ(shownTarget("host:443"), "host:443");
  const auto lines =
      linesOf({toServer("GET /x?sig=abc HTTP/1.1\r\nAuthorization: Bearer abc\r\n"
                        "Cookie: abc\r\n\r\n")});
  EXPECT_THAT(lines, ElementsAre("http GET target=/x?...: unanswered"));
}

TEST(Http1, LeavesWhatComesAfterConnectToOthers) {
  EXPECT_THAT(linesHoweverSplit({toServer("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
                                 toClient("HTTP/1.1 200 Connection established\r\n\r\n"),
                                 toServer("GET /inside HTTP/1.1\r\n\r\n"),
                                 toClient("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}),
              ElementsAre("http CONNECT target=a:80 host=a:80: ok status=200",
                          "http GET target=/inside: ok status=200"));
  EXPECT_THAT(linesHoweverSplit({toServer("GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
                                 toClient("HTTP/1.1 101 Switching Protocols\r\n"
                                          "Upgrade: websocket\r\n\r\n\x81\x05hello")}),
              ElementsAre("http GET target=/chat: ok status=101 upgrade=websocket"));
}

TEST(Http1, TakesGvproxysConnectForTheEndOfHttp) {
  EXPECT_THAT(linesHoweverSplit({toServer("POST /connect HTTP/1.1\r\nHost: x\r\n\r\n"),
                                 toClient(std::string("\x2A\x00\xFF\xFF", 4))}),
              ElementsAre("http POST target=/connect host=x"));
}

TEST(Http1, PassesOverBodiesThatWereNotCaptured) {
  Dialogue dialogue;
  dialogue.say(toServer("GET /big HTTP/1.1\r\n\r\n"));
  Said response =
      toClient("HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + std::string(30000, 'x'));
  response.captured = 64;
  dialogue.say(response);
  dialogue.say(toServer("GET /next HTTP/1.1\r\n\r\n"));
  dialogue.say(toClient("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(dialogue.lines, ElementsAre("http GET target=/big: ok status=200 bytes=30000",
                                          "http GET target=/next: ok status=200"));
}

TEST(Http1, GuessesNoPairsAcrossAGap) {
  Dialogue dialogue;
  dialogue.say(toServer("GET /1 HTTP/1.1\r\n\r\n"));
  Said lost = toClient("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  lost.isLost = true;
  dialogue.say(lost);
  dialogue.say(toServer("GET /2 HTTP/1.1\r\n\r\n"));
  dialogue.say(toClient("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  dialogue.say(toServer("GET /3 HTTP/1.1\r\n\r\n"));
  dialogue.say(toClient("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(dialogue.lines,
              ElementsAre("http GET target=/1: unknown", "http GET target=/2: unknown",
                          "http response status=404", "http GET target=/3: ok status=200"));
}

TEST(Http1, LeavesOtherTextsAlone) {
  EXPECT_THAT(linesOf({toServer("GET out of here\r\n\r\n")}), IsEmpty());
  EXPECT_THAT(linesOf({toServer("GET / RTSP/1.0\r\n\r\n")}), IsEmpty());
  EXPECT_THAT(linesOf({toServer("GETTING")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
