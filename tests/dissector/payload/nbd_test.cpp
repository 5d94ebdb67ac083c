// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/nbd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kHello = "NBDMAGICIHAVEOPT" + big(3, 2);

std::string option(std::uint32_t number, const std::string& data) {
  return "IHAVEOPT" + big(number, 4) + big(data.size(), 4) + data;
}
std::string optionReply(std::uint32_t number, std::uint32_t type, const std::string& data = {}) {
  return big(0x0003E889045565A9, 8) + big(number, 4) + big(type, 4) + big(data.size(), 4) + data;
}
std::string request(std::uint16_t type, std::uint64_t cookie, std::uint64_t offset,
                    std::uint32_t length, std::uint16_t flags = 0) {
  return big(0x25609513, 4) + big(flags, 2) + big(type, 2) + big(cookie, 8) + big(offset, 8) +
         big(length, 4);
}
std::string reply(std::uint64_t cookie, std::uint32_t error = 0) {
  return big(0x67446698, 4) + big(error, 4) + big(cookie, 8);
}
std::string chunk(std::uint16_t flags, std::uint16_t type, std::uint64_t cookie,
                  const std::string& data) {
  return big(0x668E33EF, 4) + big(flags, 2) + big(type, 2) + big(cookie, 8) + big(data.size(), 4) +
         data;
}
const std::vector<Said> kHandshake{
    toClient(kHello),
    toServer(big(3, 4)),
    toServer(option(8, "")),
    toClient(optionReply(8, 1)),
    toServer(option(7, big(4, 4) + "disk" + big(0, 2))),
    toClient(optionReply(7, 3, big(0, 2) + big(16384, 8) + big(1, 2)) + optionReply(7, 1))};

std::vector<Said> afterHandshake(std::vector<Said> more) {
  std::vector<Said> all = kHandshake;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Nbd, TellsOfTheHandshakeAndOfTheExport) {
  EXPECT_THAT(linesHoweverSplit(kHandshake),
              ElementsAre("nbd STRUCTURED_REPLY: ok", "nbd GO export=disk: ok size=16384"));
}

TEST(Nbd, PairsRepliesThatComeOutOfOrder) {
  auto lines = linesHoweverSplit(
      afterHandshake({toServer(request(0, 7, 4096, 8)), toServer(request(1, 8, 0, 4, 1) + "data"),
                      toServer(request(3, 9, 0, 0)), toClient(reply(9) + reply(8)),
                      toClient(reply(7) + "12345678"), toServer(request(2, 0, 0, 0))}));
  lines.erase(lines.begin(), lines.begin() + 2);
  EXPECT_THAT(lines, ElementsAre("nbd FLUSH: ok", "nbd WRITE offset=0 length=4 flags=fua: ok",
                                 "nbd READ offset=4096 length=8: ok", "nbd DISC"));
}

TEST(Nbd, WaitsForTheLastChunkOfAStructuredReply) {
  Dialogue dialogue;
  for (const Said& said : afterHandshake({toServer(request(0, 7, 0, 16))})) dialogue.say(said);
  dialogue.say(toClient(chunk(0, 1, 7, big(0, 8) + "12345678")));
  EXPECT_EQ(dialogue.lines.size(), 2U);
  dialogue.say(toClient(chunk(1, 2, 7, big(8, 8) + big(8, 4))));
  ASSERT_EQ(dialogue.lines.size(), 3U);
  EXPECT_EQ(dialogue.lines[2], "nbd READ offset=0 length=16: ok");
  EXPECT_EQ(dialogue.messages[2].latencyNs(), 2'000'000U);
}

TEST(Nbd, NamesErrors) {
  auto lines = linesHoweverSplit(afterHandshake(
      {toServer(request(1, 1, 0, 4) + "data" + request(0, 2, 0, 9)), toClient(reply(1, 28)),
       toClient(chunk(0, 0x8001, 2, big(5, 4) + big(3, 2) + "bad") + chunk(1, 0, 2, ""))}));
  lines.erase(lines.begin(), lines.begin() + 2);
  EXPECT_THAT(lines, ElementsAre("nbd WRITE offset=0 length=4: error ENOSPC",
                                 "nbd READ offset=0 length=9: error EIO: bad"));
  EXPECT_THAT(linesHoweverSplit({toClient(kHello), toServer(big(1, 4)),
                                 toServer(option(7, big(1, 4) + "x" + big(0, 2))),
                                 toClient(optionReply(7, 0x80000006, "no such export"))}),
              ElementsAre("nbd GO export=x: error ERR_UNKNOWN: no such export"));
}

TEST(Nbd, ReadsTheAnswerToExportNameWithAndWithoutZeroes) {
  for (const unsigned flags : {3U, 1U}) {
    const std::string zeroes = flags == 3 ? "" : std::string(124, '\0');
    EXPECT_THAT(
        linesHoweverSplit({toClient(kHello), toServer(big(flags, 4)), toServer(option(1, "disk")),
                           toClient(big(512, 8) + big(1, 2) + zeroes),
                           toServer(request(0, 1, 0, 2)), toClient(reply(1) + "xy")}),
        ElementsAre("nbd EXPORT_NAME export=disk: ok size=512", "nbd READ offset=0 length=2: ok"));
  }
}

TEST(Nbd, TurnsIntoTlsAfterStarttls) {
  Dialogue dialogue;
  for (const Said& said : {toClient(kHello), toServer(big(3, 4)), toServer(option(5, "")),
                           toClient(optionReply(5, 1)), toServer("GET / HTTP/1.0\r\n\r\n")}) {
    dialogue.say(said);
  }
  EXPECT_THAT(dialogue.lines, ElementsAre("nbd STARTTLS: ok"));
  EXPECT_THAT(dialogue.names, ElementsAre("nbd", "http"));
}

TEST(Nbd, PassesOverDataThatWasNotCaptured) {
  Dialogue dialogue;
  for (const Said& said : kHandshake) dialogue.say(said);
  Said write = toServer(request(1, 1, 0, 60000) + std::string(60000, 'x'));
  write.captured = 50;
  dialogue.say(write);
  dialogue.say(toServer(request(0, 2, 0, 50000)));
  Said data = toClient(reply(1) + reply(2) + std::string(50000, 'y'));
  data.captured = 60;
  dialogue.say(data, 40000);
  EXPECT_THAT(
      dialogue.lines,
      ElementsAre("nbd STRUCTURED_REPLY: ok", "nbd GO export=disk: ok size=16384",
                  "nbd WRITE offset=0 length=60000: ok", "nbd READ offset=0 length=50000: ok"));
  EXPECT_EQ(dialogue.buffered(), 0U);
}

TEST(Nbd, IsRecognisedInTheMiddleOfItsTransmission) {
  Dialogue dialogue({.isFromStart = false});
  dialogue.say(toServer("data of a request that is not there"));
  dialogue.say(toServer(request(0, 5, 0, 3)));
  dialogue.say(toClient(reply(5) + "abc"));
  EXPECT_THAT(dialogue.lines, ElementsAre("nbd READ offset=0 length=3: ok"));
}

TEST(Nbd, DoesNotCallAReplyCompleteOfWhichDataIsMissing) {
  Dialogue dialogue;
  for (const Said& said : afterHandshake({toServer(request(0, 7, 0, 100))})) dialogue.say(said);
  dialogue.say(toClient(reply(7) + "only this"));
  dialogue.end();
  EXPECT_EQ(dialogue.lines.back(), "nbd READ offset=0 length=100: unanswered");
}

TEST(Nbd, LeavesOtherBytesAlone) {
  EXPECT_THAT(linesOf({toClient("NBDMAGIX" + std::string(60, 'x'))}), IsEmpty());
  EXPECT_THAT(linesOf({toClient("NBDMAGIC" + std::string(60, 'x'))}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
