// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/announcements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <tuple>
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
  /// A packet of a connection; with others' facts, another one's.
  void say(const StreamFacts& facts, std::string_view bytes, Direction d = Direction::ToServer) {
    Talk& talk = talks_[{facts.type, facts.client, facts.server}];
    if (!talk.stream) talk.stream = std::make_unique<Stream>(facts, around_, nullptr);
    std::uint64_t& offset = talk.offsets[index(d)];
    talk.stream->take(d, {.bytes = std::as_bytes(std::span(bytes)),
                          .offset = offset,
                          .lengthBytes = static_cast<std::uint32_t>(bytes.size()),
                          .endsMessage = true});
    offset += bytes.size();
  }
  void done(const Message& message) override {
    lines.emplace_back(message.direction == Direction::ToClient ? "<- " : "");
    appendRequestText(lines.back(), message);
  }
  void asked(const Message& message) override {
    lines.emplace_back("? ");
    appendRequestText(lines.back(), message);
  }

  std::vector<std::string> lines;

 private:
  struct Talk {
    std::unique_ptr<Stream> stream;
    std::array<std::uint64_t, 2> offsets{};
  };

  Surroundings around_{.consumer = *this};
  std::map<std::tuple<VirtioType, Address, Address>, Talk> talks_;
};

StreamFacts facts(VirtioType type, Address client, Address server) {
  return {.type = type, .client = client, .server = server};
}
std::string tsiAddress(std::uint32_t host = 1) {
  const std::string address =
      little(2, 2) + big(80, 2) + big(0xC0000200 + host, 4) + std::string(8, 0);
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
  EXPECT_THAT(capture.lines, ElementsAre("? tsi CONNECT socket=7000 address=192.0.2.1:80",
                                         "tsi stream address=192.0.2.1:80",
                                         "? http GET for=192.0.2.1:80 target=/x host=h",
                                         "? http GET target=/y", "? http GET target=/z"));
}

TEST(Announcements, SayWhomDatagramsAndListenersOfTsiStandFor) {
  Capture capture;
  capture.say(facts(VirtioType::Dgram, {Cid{3}, Port{50000}}, {Cid{2}, Port{1027}}),
              little(7000, 4) + tsiAddress());
  capture.say(facts(VirtioType::Dgram, kSocket, {Cid{2}, Port{1028}}), "a datagram");
  capture.say(facts(VirtioType::Dgram, {Cid{3}, Port{50000}}, {Cid{2}, Port{1029}}),
              little(7000, 4) + little(81, 4) + little(5, 4) + tsiAddress());
  capture.say(facts(VirtioType::Stream, {Cid{2}, Port{99999}}, {Cid{3}, Port{81}}),
              "GET /x HTTP/1.1\r\n\r\n");
  EXPECT_THAT(
      capture.lines,
      ElementsAre("tsi SENDTO_ADDR socket=7000 address=192.0.2.1:80",
                  "tsi datagrams address=192.0.2.1:80",
                  "? tsi LISTEN socket=7000 vm_port=81 backlog=5 address=192.0.2.1:80",
                  "tsi stream address=192.0.2.1:80", "? http GET for=192.0.2.1:80 target=/x"));
}

TEST(Announcements, SayWhichUnixSocketAStreamOfTsiStandsFor) {
  const std::string path = little(1, 2) + "/run/db.sock";
  Capture capture;
  capture.say(kConnect, little(7000, 4) + little(path.size(), 4) + path +
                            std::string(128 - path.size(), 'j'));
  capture.say(facts(VirtioType::Stream, kSocket, {Cid{2}, Port{620}}), "data");
  EXPECT_THAT(capture.lines, ElementsAre("? tsi CONNECT socket=7000 address=/run/db.sock",
                                         "tsi stream address=/run/db.sock"));
}

TEST(Announcements, SayTheAddressOfVersionTwo) {
  Capture capture;
  capture.say(kConnect, little(7000, 4) + big(0xC0000201, 4) + big(443, 2));
  capture.say(facts(VirtioType::Stream, kSocket, {Cid{2}, Port{620}}), "data");
  EXPECT_THAT(capture.lines, ElementsAre("? tsi CONNECT socket=7000 address=192.0.2.1:443",
                                         "tsi stream address=192.0.2.1:443"));
}

TEST(Announcements, FollowDatagramsFromOneAddressToTheNext) {
  const StreamFacts address = facts(VirtioType::Dgram, {Cid{3}, Port{50000}}, {Cid{2}, Port{1027}});
  const StreamFacts data = facts(VirtioType::Dgram, kSocket, {Cid{2}, Port{1028}});
  Capture capture;
  for (const std::uint32_t host : {1U, 2U}) {
    capture.say(address, little(7000, 4) + tsiAddress(host));
    capture.say(data, "a datagram");
    capture.say(data, "another datagram");
  }
  capture.say(data, "OPTIONS /x HTTP/1.1\r\n\r\n");
  EXPECT_THAT(capture.lines, ElementsAre("tsi SENDTO_ADDR socket=7000 address=192.0.2.1:80",
                                         "tsi datagrams address=192.0.2.1:80",
                                         "tsi SENDTO_ADDR socket=7000 address=192.0.2.2:80",
                                         "tsi datagrams address=192.0.2.2:80",
                                         "? http OPTIONS for=192.0.2.2:80 target=/x"));
}

/// The host sends datagrams in the guest's name, from port 0.
TEST(Announcements, KnowTheHostsDatagramsByTheSocketThatTheyGoTo) {
  const StreamFacts fromHost = facts(VirtioType::Dgram, {Cid{3}, Port{0}}, {Cid{2}, Port{7000}});
  Capture capture;
  capture.say(kConnect, little(7000, 4) + tsiAddress());
  capture.say(facts(VirtioType::Dgram, kSocket, {Cid{2}, Port{7000}}), "a question");
  capture.say(fromHost, "an answer");
  // Of a socket that nothing is known of, they are as the packets say.
  capture.say(facts(VirtioType::Dgram, {Cid{3}, Port{0}}, {Cid{2}, Port{7001}}), "an answer");
  EXPECT_THAT(capture.lines, ElementsAre("? tsi CONNECT socket=7000 address=192.0.2.1:80",
                                         "tsi datagrams address=192.0.2.1:80",
                                         "<- tsi datagrams address=192.0.2.1:80"));
  capture.lines.clear();
  capture.say(fromHost, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(capture.lines, ElementsAre("<- http response for=192.0.2.1:80 status=200"));
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
  EXPECT_THAT(capture.lines, ElementsAre("? kata ExecProcess id=c1 exec_id=e1 stdout_port=77",
                                         "kata stdio id=c1 exec_id=e1 stream=stdout"));
}

}  // namespace
}  // namespace vsdump::payload::test
