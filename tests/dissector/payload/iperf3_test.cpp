// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/iperf3.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kCookie = "abcdefghijklmnopqrstuvwxyz234567abcd" + std::string(1, '\0');

std::string json(const std::string& text) {
  return big(text.size(), 4) + text;
}

std::vector<Said> controlUpToResults() {
  return {toServer(kCookie),
          toClient("\x09"),
          toServer(json(R"({"tcp":true,"omit":0,"time":2,"parallel":1,"len":131072,)"
                        R"("client_version":"3.12"})")),
          toClient("\x0A"),
          toClient("\x01\x02"),
          toServer("\x04" + json(R"({"cpu_util_total":1.5,"streams":[{"id":1,"bytes":1000}]})"))};
}

TEST(Iperf3, TellsOfATestWithItsParametersAndResults) {
  std::vector<Said> script = controlUpToResults();
  script.push_back(toClient("\x0D" + json(R"({"streams":[{"id":1,"bytes":900}]})") + "\x0E"));
  script.push_back(toServer("\x10"));
  EXPECT_THAT(linesHoweverSplit(script),
              ElementsAre("iperf3 test transport=tcp seconds=2 parallel=1 block_bytes=131072 "
                          "client_version=3.12: ok client_bytes=1000 server_bytes=900"));
}

TEST(Iperf3, SaysWhyAServerRefuses) {
  EXPECT_THAT(linesHoweverSplit({toServer(kCookie), toClient("\xFF")}),
              ElementsAre("iperf3 test: error the server is busy with another test"));
  std::vector<Said> script = controlUpToResults();
  script.push_back(toClient("\xFE" + big(103, 4) + big(104, 4)));
  EXPECT_THAT(linesHoweverSplit(script),
              ElementsAre("iperf3 test transport=tcp seconds=2 parallel=1 block_bytes=131072 "
                          "client_version=3.12: error error 103, errno 104 client_bytes=1000"));
}

TEST(Iperf3, JoinsDataConnectionsToTheirTest) {
  class Nobody : public MessageConsumer {
   public:
    void done(const Message& message) override {
      line.clear();
      appendRequestText(line, message);
    }
    std::string line;
  } consumer;
  Surroundings around{.consumer = consumer};
  Stream control({.id = ConnectionId{4}}, around, nullptr);
  Stream data({.id = ConnectionId{5}}, around, nullptr);
  const auto piece = [](const std::string& bytes, std::uint64_t offset, std::int64_t timeNs,
                        std::uint32_t length = 0) {
    return Piece{.bytes = std::as_bytes(std::span(bytes.data(), bytes.size())),
                 .offset = offset,
                 .lengthBytes = length != 0 ? length : static_cast<std::uint32_t>(bytes.size()),
                 .timeNs = timeNs,
                 .packet = FrameNumber{1}};
  };
  control.take(Direction::ToServer, piece(kCookie, 0, 1'000));
  data.take(Direction::ToServer, piece(kCookie, 0, 1'000'000'000));
  // Of its data only the beginning was captured.
  data.take(Direction::ToServer, piece("0123", 37, 2'000'000'000, 1'000'000));
  data.end(false);
  EXPECT_EQ(consumer.line, "iperf3 data control=4 bytes=1000000 bits_per_second=8000000");
  EXPECT_EQ(around.buffered, 0U);
  // The same bytes at another place of capture are that place's own test.
  consumer.line.clear();
  Stream elsewhere({.id = ConnectionId{6}, .source = 1}, around, nullptr);
  elsewhere.take(Direction::ToServer, piece(kCookie, 0, 1'000));
  elsewhere.end(false);
  EXPECT_EQ(consumer.line, "");
}

TEST(Iperf3, LeavesOtherBytesAlone) {
  EXPECT_THAT(linesOf({toServer(std::string(36, 'a') + "b")}), IsEmpty());
  EXPECT_THAT(linesOf({toServer("only some letters")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
