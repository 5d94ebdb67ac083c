// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/announcements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "dissector/payload/message_text.h"
#include "dissector/payload/stream.h"
#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;

/// Several connections of one capture.
class Capture : public MessageConsumer {
 public:
  void say(const StreamFacts& facts, std::string_view toServer) {
    Stream stream(facts, around_, nullptr);
    stream.take(Direction::ToServer, {.bytes = std::as_bytes(std::span(toServer)),
                                      .lengthBytes = static_cast<std::uint32_t>(toServer.size()),
                                      .endsMessage = true});
    stream.end(true);
  }
  void done(const Message& message) override {
    lines.emplace_back();
    appendRequestText(lines.back(), message);
  }

  std::vector<std::string> lines;

 private:
  Surroundings around_{.consumer = *this};
};

StreamFacts facts(VirtioType type, Address client, Address server) {
  return {.type = type, .client = client, .server = server};
}
std::string tsiAddress() {
  const std::string address = little(2, 2) + big(80, 2) + big(0xC0000201, 4) + std::string(8, 0);
  return little(address.size(), 4) + address + std::string(128 - address.size(), 'j');
}
const Address kSocket{Cid{3}, Port{7000}};
const StreamFacts kConnect = facts(VirtioType::Dgram, {Cid{3}, Port{50000}}, {Cid{2}, Port{1025}});

TEST(Announcements, SayWhichAddressAStreamOfTsiStandsFor) {
  Capture capture;
  capture.say(kConnect, little(7000, 4) + tsiAddress());
  capture.say(facts(VirtioType::Stream, kSocket, {Cid{2}, Port{620}}),
              "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  // The same port of another machine, and another port of the host, are none.
  capture.say(facts(VirtioType::Stream, {Cid{4}, Port{7000}}, {Cid{2}, Port{620}}),
              "GET /y HTTP/1.1\r\n\r\n");
  capture.say(facts(VirtioType::Stream, kSocket, {Cid{2}, Port{621}}), "GET /z HTTP/1.1\r\n\r\n");
  EXPECT_THAT(capture.lines, ElementsAre("tsi CONNECT socket=7000 address=192.0.2.1:80",
                                         "tsi stream address=192.0.2.1:80",
                                         "http GET for=192.0.2.1:80 target=/x host=h",
                                         "http GET target=/y", "http GET target=/z"));
}

TEST(Announcements, SayWhomDatagramsAndListenersOfTsiStandFor) {
  Capture capture;
  capture.say(facts(VirtioType::Dgram, {Cid{3}, Port{50000}}, {Cid{2}, Port{1027}}),
              little(7000, 4) + tsiAddress());
  capture.say(facts(VirtioType::Dgram, kSocket, {Cid{2}, Port{1028}}), "a datagram");
  capture.say(facts(VirtioType::Dgram, {Cid{3}, Port{50000}}, {Cid{2}, Port{1029}}),
              little(7000, 4) + little(81, 4) + little(5, 4) + tsiAddress());
  capture.say(facts(VirtioType::Stream, {Cid{2}, Port{99999}}, {Cid{3}, Port{81}}), "data");
  EXPECT_THAT(capture.lines,
              ElementsAre("tsi SENDTO_ADDR socket=7000 address=192.0.2.1:80",
                          "tsi datagrams address=192.0.2.1:80",
                          "tsi LISTEN socket=7000 vm_port=81 backlog=5 address=192.0.2.1:80",
                          "tsi stream address=192.0.2.1:80"));
}

TEST(Announcements, EndWhenTheSocketIsReleased) {
  Capture capture;
  capture.say(kConnect, little(7000, 4) + tsiAddress());
  capture.say(facts(VirtioType::Dgram, {Cid{3}, Port{50000}}, {Cid{2}, Port{1031}}),
              little(7000, 4) + little(620, 4));
  capture.lines.clear();
  capture.say(facts(VirtioType::Stream, kSocket, {Cid{2}, Port{620}}), "data");
  EXPECT_THAT(capture.lines, ElementsAre());
}

TEST(Announcements, SayWhoseStandardStreamAConnectionIs) {
  const std::string body = field(1, "c1") + field(2, "e1") + big(6 << 3, 1) + big(77, 1);
  const std::string data = field(1, "grpc.AgentService") + field(2, "ExecProcess") + field(3, body);
  Capture capture;
  capture.say(facts(VirtioType::Stream, {Cid{2}, Port{5}}, {Cid{42}, Port{1024}}),
              big(data.size(), 4) + big(1, 4) + big(1, 1) + big(0, 1) + data);
  capture.say(facts(VirtioType::Stream, {Cid{2}, Port{77}}, {Cid{42}, Port{1027}}), "some output");
  EXPECT_THAT(capture.lines, ElementsAre("kata ExecProcess id=c1 exec_id=e1 stdout_port=77",
                                         "kata stdio id=c1 exec_id=e1 stream=stdout"));
}

}  // namespace
}  // namespace vsdump::payload::test
