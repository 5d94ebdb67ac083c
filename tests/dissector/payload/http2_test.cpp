// SPDX-License-Identifier: GPL-2.0-or-later
// Header blocks are made by libnghttp2; vm.live.payload has the bytes of real programs.
#include "dissector/payload/http2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <initializer_list>
#include <utility>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::uint8_t kEndStream = 1;
constexpr std::uint8_t kEndHeaders = 4;

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  const std::string& body) {
  return big(body.size(), 3) + big(type, 1) + big(flags, 1) + big(stream, 4) + body;
}
std::string settings() {
  return frame(4, 0, 0, big(3, 2) + big(100, 4));
}
std::string data(std::uint32_t stream, const std::string& body, std::uint8_t flags = 0) {
  return frame(0, flags, stream, body);
}
/// A message of gRPC, as it is in DATA.
std::string message(const std::string& body) {
  return big(0, 1) + big(body.size(), 4) + body;
}

/// In the order in which they are written: header blocks depend on those before.
std::string all(std::initializer_list<std::string> pieces) {
  std::string joined;
  for (const std::string& piece : pieces) joined += piece;
  return joined;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

/// One side's header blocks, which refer to those before.
class Side {
 public:
  Side() { nghttp2_hd_deflate_new(&deflater_, 4096); }
  ~Side() { nghttp2_hd_deflate_del(deflater_); }
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  std::string block(Fields fields) {
    std::vector<nghttp2_nv> values;
    for (auto& [name, value] : fields) {
      values.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                        reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(),
                        NGHTTP2_NV_FLAG_NONE});
    }
    std::string made(4096, '\0');
    const auto size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(made.data()),
                                            made.size(), values.data(), values.size());
    made.resize(static_cast<std::size_t>(size));
    return made;
  }
  std::string headers(std::uint32_t stream, const Fields& fields, std::uint8_t flags = 0) {
    return frame(1, static_cast<std::uint8_t>(flags | kEndHeaders), stream, block(fields));
  }

 private:
  nghttp2_hd_deflater* deflater_ = nullptr;
};

Fields get(const std::string& path) {
  return {{":method", "GET"}, {":scheme", "http"}, {":path", path}, {":authority", "vm.example"}};
}
Fields call(const std::string& path) {
  return {{":method", "POST"},
          {":path", path},
          {":authority", "vm.example"},
          {"content-type", "application/grpc"},
          {"authorization", "Bearer hunter2"}};
}
const Fields kOk{{":status", "200"}, {"content-type", "application/grpc"}};

TEST(Http2, PairsRequestsWithResponsesByTheirStream) {
  Side client;
  Side server;
  const auto lines = linesHoweverSplit(
      {toServer(std::string(kPreface) + settings() +
                client.headers(1, get("/one?token=secret"), kEndStream)),
       toClient(settings() + frame(4, 1, 0, "")),
       toServer(client.headers(3, get("/two"), kEndStream)),
       toClient(server.headers(3, {{":status", "404"}, {"content-type", "text/plain"}}) +
                data(3, "not here", kEndStream)),
       toClient(server.headers(1, {{":status", "200"}, {"content-type", "text/html"}}) +
                data(1, std::string(300, 'x')) + data(1, "", kEndStream))});
  EXPECT_THAT(lines, ElementsAre("http2 GET target=/two host=vm.example: error status=404 "
                                 "type=text/plain bytes=8",
                                 "http2 GET target=/one?... host=vm.example: ok status=200 "
                                 "type=text/html bytes=300"));
}

TEST(Http2, NamesTheMethodAndTheStatusOfGrpc) {
  Side client;
  Side server;
  const auto lines = linesHoweverSplit(
      {toClient(settings()),  // servers may be first
       toServer(std::string(kPreface) + settings() + client.headers(1, call("/shop.Till/Pay")) +
                data(1, message("a request"), kEndStream)),
       toClient(all({server.headers(1, kOk), data(1, message("a reply")),
                     server.headers(1, {{"grpc-status", "0"}}, kEndStream)})),
       toServer(client.headers(3, call("/shop.Till/Pay")) + data(3, message(""), kEndStream)),
       toClient(server.headers(3,
                               {{":status", "200"},
                                {"content-type", "application/grpc"},
                                {"grpc-status", "5"},
                                {"grpc-message", "no%20money"}},
                               kEndStream))});
  EXPECT_THAT(lines, ElementsAre("grpc Pay service=shop.Till: ok",
                                 "grpc Pay service=shop.Till: error NOT_FOUND: no money"));
}

TEST(Http2, CountsTheMessagesOfAStreamOfGrpc) {
  Side client;
  Side server;
  const auto lines = linesHoweverSplit(
      {toServer(std::string(kPreface) + settings() + client.headers(1, call("/a.B/Watch")) +
                data(1, message(std::string(40, 'q')), kEndStream)),
       toClient(settings() + server.headers(1, kOk)),
       // One message in two frames, two messages in one.
       toClient(data(1, message(std::string(40, 'r')).substr(0, 20)) +
                data(1, message(std::string(40, 'r')).substr(20) + message("s") + message("t"))),
       toClient(server.headers(1, {{"grpc-status", "0"}}, kEndStream))});
  EXPECT_THAT(lines, ElementsAre("grpc Watch service=a.B: ok messages_sent=1 messages_received=3"));
}

TEST(Http2, ReadsTheCallsOfKata1) {
  Side client;
  Side server;
  const auto lines =
      linesHoweverSplit({toServer(std::string(kPreface) + settings() +
                                  client.headers(1, call("/grpc.AgentService/ExecProcess")) +
                                  data(1, message(field(1, "c1") + field(2, "e1")), kEndStream)),
                         toClient(settings() + server.headers(1, kOk) + data(1, message("")) +
                                  server.headers(1, {{"grpc-status", "0"}}, kEndStream))});
  EXPECT_THAT(lines, ElementsAre("kata ExecProcess id=c1 exec_id=e1: ok"));
}

TEST(Http2, ReadsBlocksInSeveralFramesWithPaddingAndPriority) {
  Side client;
  Side server;
  const std::string block = client.block(get("/long"));
  const std::string first =
      big(3, 1) + std::string(5, '\0') + block.substr(0, 4) + std::string(3, '\0');
  const auto lines = linesHoweverSplit(
      {toServer(std::string(kPreface) + settings() + frame(1, 8 | 0x20 | kEndStream, 1, first) +
                frame(9, kEndHeaders, 1, block.substr(4))),
       toClient(settings() + server.headers(1, {{":status", "204"}}, kEndStream))});
  EXPECT_THAT(lines, ElementsAre("http2 GET target=/long host=vm.example: ok status=204"));
}

TEST(Http2, SaysWhyAStreamOrTheConnectionWasEnded) {
  Side client;
  const auto lines = linesHoweverSplit(
      {toServer(std::string(kPreface) + settings() + client.headers(1, get("/"), kEndStream)),
       toClient(settings() + frame(3, 0, 1, big(7, 4)) +
                frame(7, 0, 0, big(1, 4) + big(11, 4) + "too_many_pings"))});
  EXPECT_THAT(lines, ElementsAre("http2 GET target=/ host=vm.example: error reset: REFUSED_STREAM",
                                 "http2 GOAWAY last_stream=1: error ENHANCE_YOUR_CALM: "
                                 "too_many_pings"));
}

TEST(Http2, GuessesNoHeaderAfterAGap) {
  Side client;
  Side server;
  Dialogue dialogue;
  dialogue.say(toServer(std::string(kPreface) + settings()));
  dialogue.say(toClient(settings()));
  Said lost = toServer(client.headers(1, call("/shop.Till/Pay"), kEndStream));
  lost.isLost = true;
  dialogue.say(lost);
  // Its authority and type are references to what was lost. The next two differ in the path only,
  // and in what they add to the table.
  dialogue.say(toServer(client.headers(3, call("/shop.Till/Pay"), kEndStream)));
  dialogue.say(toServer(client.headers(5, get("/new"), kEndStream)));
  dialogue.say(toServer(client.headers(7, get("/new"), kEndStream)));
  for (const std::uint32_t stream : {3U, 5U, 7U}) {
    dialogue.say(toClient(server.headers(stream, {{":status", "200"}}, kEndStream)));
  }
  EXPECT_THAT(dialogue.lines, ElementsAre("http2 POST target=/shop.Till/Pay: ok status=200 (cut)",
                                          "http2 GET target=/new: ok status=200 (cut)",
                                          "http2 GET target=/new: ok status=200 (cut)"));
}

TEST(Http2, NeedsNoBodies) {
  Side client;
  Side server;
  Dialogue dialogue;
  dialogue.say(toServer(std::string(kPreface) + settings() + client.headers(1, call("/a.B/Get")) +
                        data(1, message("x"), kEndStream)));
  dialogue.say(toClient(settings() + server.headers(1, kOk)));
  Said cut = toClient(data(1, message(std::string(9000, 'y'))));
  cut.captured = 100;
  dialogue.say(cut);
  dialogue.say(toClient(server.headers(1, {{"grpc-status", "0"}}, kEndStream)));
  EXPECT_THAT(dialogue.lines, ElementsAre("grpc Get service=a.B: ok"));
}

/// A request that asks for the upgrade, and the answer by which it begins.
std::vector<Said> upgrade() {
  return {toServer("GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                   "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"),
          toClient("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                   "Upgrade: h2c\r\n\r\n" +
                   settings())};
}

TEST(Http2, AnswersTheRequestThatAskedForTheUpgrade) {
  Side client;
  Side server;
  std::vector<Said> script = upgrade();
  script.push_back(toServer(std::string(kPreface) + settings() +
                            client.headers(3, {{":method", "GET"}, {":path", "/b"}}, kEndStream)));
  script.push_back(toClient(
      all({server.headers(1, {{":status", "404"}, {"content-type", "text/plain"}}),
           data(1, "x", kEndStream), server.headers(3, {{":status", "204"}}, kEndStream)})));
  EXPECT_THAT(
      linesHoweverSplit(script),
      ElementsAre("http GET target=/a host=h: error status=404 upgrade=h2c type=text/plain bytes=1",
                  "http2 GET target=/b: ok status=204"));
}

TEST(Http2, SaysWhereAnUpgradedRequestIsLeftWithoutItsAnswer) {
  std::vector<Said> script = upgrade();
  EXPECT_THAT(linesOf(script),
              ElementsAre("http GET target=/a host=h: unanswered status=101 upgrade=h2c"));
  script.push_back(toServer(std::string(kPreface) + settings()));
  script.push_back(toClient(frame(3, 0, 1, big(8, 4))));
  EXPECT_THAT(linesOf(script),
              ElementsAre("http GET target=/a host=h: error reset: CANCEL status=101 upgrade=h2c"));
}

TEST(Http2, ClaimsNothingOfAnUpgradedRequestWhereBytesAreMissing) {
  std::vector<Said> script = upgrade();
  Said lost = toClient(settings());
  lost.isLost = true;
  script.push_back(lost);
  script.push_back(toClient("something else"));
  EXPECT_THAT(linesOf(script),
              ElementsAre("http GET target=/a host=h: unknown status=101 upgrade=h2c"));
}

TEST(Http2, LeavesOtherBytesAlone) {
  EXPECT_THAT(linesOf({toServer("PRI * HTTP/1.1\r\n\r\n")}), IsEmpty());
  EXPECT_THAT(linesOf({toClient(settings()), toServer("something else")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
