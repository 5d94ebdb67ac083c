// SPDX-License-Identifier: GPL-2.0-or-later
// There is no enclave here: the bytes are those of the sources that nitro.h names.
#include "dissector/payload/nitro.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NitroHeartbeat, IsAByteAndItsEcho) {
  const StreamFacts facts{.client = {Cid{16}, Port{5000}}, .server = {Cid{3}, Port{9000}}};
  EXPECT_THAT(linesOf({toServer("\xB7"), toClient("\xB7")}, facts),
              ElementsAre("nitro heartbeat: ok"));
  EXPECT_THAT(linesOf({toServer("\xB7")}, facts), ElementsAre("nitro heartbeat: unanswered"));
  EXPECT_THAT(linesOf({toServer("\xB7more")}, facts), IsEmpty());
  EXPECT_THAT(linesOf({toServer("\xB7"), toClient("\xB7")}), IsEmpty());
}

/// A parent that shows the console of enclave 16, and what comes after.
class Parent : public MessageConsumer {
 public:
  explicit Parent(bool showsSecrets) { around_.showsSecrets = showsSecrets; }

  void say(StreamFacts facts, std::int64_t timeNs, const std::vector<Said>& script) {
    facts.openedNs = timeNs;
    Stream stream(facts, around_, nullptr);
    std::array<std::uint64_t, 2> offsets{};
    for (const Said& said : script) {
      std::uint64_t& offset = offsets[index(said.direction)];
      stream.take(said.direction, {.bytes = std::as_bytes(std::span(said.bytes)),
                                   .offset = offset,
                                   .lengthBytes = static_cast<std::uint32_t>(said.bytes.size()),
                                   .timeNs = timeNs});
      offset += said.bytes.size();
    }
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

const StreamFacts kConsole{.client = {Cid{3}, Port{5000}}, .server = {Cid{0}, Port{10016}}};
const std::vector<Said> kBoot = {toClient("Linux version 4.14\r\n\r\nnsm: dri"),
                                 toClient("ver\nlogin as")};

TEST(NitroHeartbeat, TellsHowLongAgoTheConsoleBegan) {
  constexpr std::int64_t kStartNs = 1'700'000'000'000'000'000;
  constexpr std::int64_t kMsNs = 1'000'000;
  const StreamFacts beat{.client = {Cid{16}, Port{6000}}, .server = {Cid{3}, Port{9000}}};
  Parent parent(false);
  parent.say(kConsole, kStartNs, kBoot);
  parent.say(beat, kStartNs + 1234 * kMsNs, {toServer("\xB7"), toClient("\xB7")});
  parent.say(beat, kStartNs + 9999 * kMsNs, {toServer("\xB7"), toClient("\xB7")});
  EXPECT_THAT(parent.lines,
              ElementsAre("nitro-console console enclave=16",
                          "nitro heartbeat ms_since_console=1234", "nitro heartbeat"));
}

TEST(NitroConsole, HasLinesThatAreShownOnDemandOnly) {
  Parent parent(true);
  parent.say(kConsole, 0, kBoot);
  EXPECT_THAT(parent.lines, ElementsAre("nitro-console console enclave=16",
                                        "nitro-console line text=\"Linux version 4.14\"",
                                        "nitro-console line text=\"nsm: driver\""));
  EXPECT_THAT(linesHoweverSplit(kBoot, kConsole), ElementsAre("nitro-console console enclave=16"));
}

TEST(NitroConsole, IsThatOfTheHypervisorAndIsSentNothing) {
  StreamFacts host = kConsole;
  host.server.cid = Cid{2};
  EXPECT_THAT(linesOf(kBoot, host), IsEmpty());
  StreamFacts early = kConsole;
  early.server.port = Port{10003};
  EXPECT_THAT(linesOf(kBoot, early), IsEmpty());
  EXPECT_THAT(linesOf({toServer("ls\n"), toClient("ls\n")}, kConsole), IsEmpty());
}

/// What the enclave reaches through vsock-proxy, and what the parent asks of ACM in it, are known
/// protocols on ports of Nitro's own.
TEST(Nitro, CarriesTlsWithTheServersNameAndHttp) {
  const std::string host = "kms.eu-west-1.amazonaws.com";
  const std::string name = big(host.size() + 3, 2) + big(0, 1) + big(host.size(), 2) + host;
  const std::string extensions = big(0, 2) + big(name.size(), 2) + name;
  const std::string rest = big(0x0303, 2) + std::string(32, 'r') + big(0, 1) + big(2, 2) +
                           big(0x1301, 2) + big(1, 1) + big(0, 1) + big(extensions.size(), 2) +
                           extensions;
  const std::string hello = big(1, 1) + big(rest.size(), 3) + rest;
  const StreamFacts proxy{.client = {Cid{16}, Port{6000}}, .server = {Cid{3}, Port{8000}}};
  EXPECT_THAT(linesHoweverSplit(
                  {toServer(big(22, 1) + big(0x0301, 2) + big(hello.size(), 2) + hello)}, proxy),
              ElementsAre(::testing::StartsWith("tls ClientHello server_name=" + host)));
  const StreamFacts token{.client = {Cid{3}, Port{6000}}, .server = {Cid{16}, Port{10000}}};
  EXPECT_THAT(linesHoweverSplit({toServer("POST /rpc/v1 HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"),
                                 toClient("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")},
                                token),
              ElementsAre("http POST target=/rpc/v1: ok status=200 bytes=2"));
}

}  // namespace
}  // namespace vsdump::payload::test
