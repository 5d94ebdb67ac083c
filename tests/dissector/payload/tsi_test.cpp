// SPDX-License-Identifier: GPL-2.0-or-later
// libkrun is no package of Debian's: the bytes are built from the documents that tsi.h names.
#include "dissector/payload/tsi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StreamFacts control(std::uint32_t port) {
  return {
      .type = VirtioType::Dgram, .client = {Cid{3}, Port{50000}}, .server = {Cid{2}, Port{port}}};
}
/// An address of Linux in a field of 128 bytes, with what was in memory behind it.
std::string addressField(const std::string& address) {
  return little(address.size(), 4) + address + std::string(128 - address.size(), 'j');
}
const std::string kInet = little(2, 2) + big(443, 2) + big(0x01020304, 4) + std::string(8, '\0');
const std::string kInet6 = little(10, 2) + big(80, 2) + big(0, 4) + big(0x20010DB800000000, 8) +
                           big(0x1, 8) + little(0, 4);
const std::string kUnix = little(1, 2) + "/run/sock" + std::string(1, '\0');

TEST(Tsi, ShowsTheAddressesThatSocketsStandFor) {
  EXPECT_THAT(linesOf({toServer(little(7, 4) + little(2, 2) + little(1, 2))}, control(1024)),
              ElementsAre("tsi CREATE socket=7 family=inet type=stream"));
  const std::string ok = little(0, 4) + std::string(4000, 'j');
  EXPECT_THAT(linesOf({toServer(little(7, 4) + addressField(kInet)), toClient(ok)}, control(1025)),
              ElementsAre("tsi CONNECT socket=7 address=1.2.3.4:443: ok"));
  EXPECT_THAT(linesOf({toServer(little(7, 4) + addressField(kInet6)), toClient(ok)}, control(1025)),
              ElementsAre("tsi CONNECT socket=7 address=[2001:db8:0:0:0:0:0:1]:80: ok"));
  EXPECT_THAT(linesOf({toServer(little(7, 4) + addressField(kUnix))}, control(1027)),
              ElementsAre("tsi SENDTO_ADDR socket=7 address=/run/sock"));
  EXPECT_THAT(linesOf({toServer(little(7, 4) + little(7, 4) + little(5, 4) + addressField(kInet)),
                       toClient(ok)},
                      control(1029)),
              ElementsAre("tsi LISTEN socket=7 vm_port=7 backlog=5 address=1.2.3.4:443: ok"));
}

TEST(Tsi, NamesTheHostsErrors) {
  EXPECT_THAT(linesOf({toServer(little(7, 4) + addressField(kInet)),
                       toClient(little(0xFFFFFFFF - 110, 4) + std::string(60, 'j'))},
                      control(1025)),
              ElementsAre("tsi CONNECT socket=7 address=1.2.3.4:443: error ECONNREFUSED"));
}

TEST(Tsi, ReadsVersionTwo) {
  EXPECT_THAT(linesOf({toServer(little(7, 4) + little(2, 2))}, control(1024)),
              ElementsAre("tsi CREATE socket=7 type=dgram"));
  EXPECT_THAT(
      linesOf({toServer(little(7, 4) + big(0x01020304, 4) + big(53, 2)), toClient(little(0, 4))},
              control(1025)),
      ElementsAre("tsi CONNECT socket=7 address=1.2.3.4:53: ok"));
}

TEST(Tsi, SaysNothingOfANameWhoseVersionIsNotKnown) {
  const std::string request = little(7, 4) + little(620, 4) + little(1, 4);
  EXPECT_THAT(
      linesOf({toServer(request), toClient(little(0, 4) + addressField(kInet))}, control(1026)),
      ElementsAre("tsi GETNAME socket=7 peer_port=620: ok address=1.2.3.4:443"));
  EXPECT_THAT(
      linesOf({toServer(request), toClient(big(0x01020304, 4) + big(80, 2))}, control(1026)),
      ElementsAre("tsi GETNAME socket=7 peer_port=620: unknown"));
}

TEST(Tsi, ReadsNamesOfVersionTwoOnceARequestHasToldIt) {
  class Lines : public MessageConsumer {
   public:
    void done(const Message& message) override {
      appendReplyText(text, message);
      text += '|';
    }
    std::string text;
  };
  Lines lines;
  Surroundings around{.consumer = lines};
  const auto say = [&](const StreamFacts& facts, const std::vector<Said>& script) {
    Stream stream(facts, around, nullptr);
    for (const Said& said : script) {
      stream.take(said.direction, {.bytes = std::as_bytes(std::span(said.bytes)),
                                   .lengthBytes = static_cast<std::uint32_t>(said.bytes.size()),
                                   .endsMessage = true});
    }
  };
  say(control(1024), {toServer(little(7, 4) + little(1, 2))});
  const std::string junk(4000, 'j');
  const std::vector<Said> name = {toServer(little(7, 4) + little(620, 4) + little(1, 4)),
                                  toClient(big(0x01020304, 4) + big(80, 2) + junk)};
  say(control(1026), name);
  StreamFacts other = control(1026);
  other.client.cid = Cid{4};
  say(other, name);
  EXPECT_EQ(lines.text, "|ok address=1.2.3.4:80|unknown|");
}

TEST(Tsi, TellsTheTimeThatTheHostTells) {
  const StreamFacts facts{
      .type = VirtioType::Dgram, .client = {Cid{2}, Port{123}}, .server = {Cid{3}, Port{123}}};
  const std::string junk(4000, 'j');
  EXPECT_THAT(linesOf({toServer(little(1'700'000'000'123'456'789, 8) + junk)}, facts),
              ElementsAre("tsi timesync unix_ns=1700000000123456789"));
  EXPECT_THAT(linesOf({toServer(little(17, 8) + junk)}, facts), IsEmpty());
}

TEST(Tsi, SaysNothingOfARequestThatIsCutAndWhatItCanOfAReply) {
  Said create = toServer(little(7, 4) + little(2, 2) + little(1, 2));
  create.captured = 6;  // as long as one of version 2
  EXPECT_THAT(linesOf({create}, control(1024)), IsEmpty());
  Said reply = toClient(little(0, 4) + std::string(4000, 'j'));
  reply.captured = 4;
  EXPECT_THAT(linesOf({toServer(little(7, 4) + addressField(kInet)), reply}, control(1025)),
              ElementsAre("tsi CONNECT socket=7 address=1.2.3.4:443: ok (cut)"));
}

TEST(Tsi, IsOfDatagramsToTheHostOnly) {
  StreamFacts facts = control(1024);
  facts.type = VirtioType::Stream;
  EXPECT_THAT(linesOf({toServer(little(7, 4) + little(2, 2) + little(1, 2))}, facts), IsEmpty());
  EXPECT_THAT(linesOf({toServer("not of this size")}, control(1024)), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
