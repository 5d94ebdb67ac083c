// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Bytes behind their length, which takes `size` bytes.
std::string counted(const std::string& bytes, std::size_t size) {
  return big(bytes.size(), size) + bytes;
}
std::string record(unsigned type, const std::string& body) {
  return big(type, 1) + big(0x0301, 2) + counted(body, 2);
}
std::string extension(unsigned type, const std::string& data) {
  return big(type, 2) + counted(data, 2);
}
std::string clientHello(const std::string& extensions) {
  return record(22, big(1, 1) + counted(big(0x0303, 2) + std::string(32, 'r') + counted("", 1) +
                                            counted(big(0x1301, 2), 2) + counted(big(0, 1), 1) +
                                            counted(extensions, 2),
                                        3));
}
std::string serverHello(unsigned cipher, const std::string& extensions) {
  return record(22, big(2, 1) + counted(big(0x0303, 2) + std::string(32, 'r') + counted("", 1) +
                                            big(cipher, 2) + big(0, 1) + counted(extensions, 2),
                                        3));
}

TEST(Tls, ReadsBothHellos) {
  const std::string hello =
      clientHello(extension(0, counted(big(0, 1) + counted("kms.example", 2), 2)) +
                  extension(16, counted(counted("h2", 1) + counted("http/1.1", 1), 2)) +
                  extension(43, counted(big(0x3A3A, 2) + big(0x0304, 2) + big(0x0303, 2), 1)));
  EXPECT_THAT(linesHoweverSplit(
                  {toServer(hello), toClient(serverHello(0x1302, extension(43, big(0x0304, 2))))}),
              ElementsAre("tls ClientHello server_name=kms.example alpn=h2,http/1.1 "
                          "offers=\"TLS 1.3\": ok version=\"TLS 1.3\" "
                          "cipher=TLS_AES_256_GCM_SHA384"));
}

TEST(Tls, NamesTheAlertThatRefusesAClient) {
  EXPECT_THAT(
      linesHoweverSplit({toServer(clientHello("")), toClient(record(21, big(2, 1) + big(40, 1)))}),
      ElementsAre("tls ClientHello offers=\"TLS 1.2\": error handshake_failure"));
}

TEST(Tls, ShowsNumbersThatHaveNoName) {
  EXPECT_THAT(linesHoweverSplit({toServer(clientHello("")), toClient(serverHello(0xFEDC, ""))}),
              ElementsAre("tls ClientHello offers=\"TLS 1.2\": ok version=\"TLS 1.2\" "
                          "cipher=0xfedc"));
}

TEST(Tls, NamesNoVersionWhereExtensionsThatMayNameANewerOneAreMissing) {
  const std::string hello =
      clientHello(extension(0, counted(big(0, 1) + counted("kms.example", 2), 2)) +
                  extension(43, counted(big(0x0304, 2), 1)));
  for (std::size_t captured = 60; captured < hello.size(); ++captured) {
    Dialogue dialogue;
    dialogue.say({Direction::ToServer, hello, captured});
    dialogue.end();
    ASSERT_EQ(dialogue.lines.size(), 1U);
    EXPECT_EQ(dialogue.lines[0].find("offers"), std::string::npos) << captured;
  }
}

TEST(Tls, ReadsNothingAfterTheHellos) {
  Dialogue dialogue;
  dialogue.say(toServer(clientHello("")));
  dialogue.say(toClient(serverHello(0x1301, "") + std::string(100'000, 'x')));
  dialogue.say(toServer(std::string(100'000, 'x')));
  EXPECT_EQ(dialogue.buffered(), 0U);
  EXPECT_EQ(dialogue.lines.size(), 1U);
}

TEST(Tls, LeavesOtherBytesAlone) {
  EXPECT_THAT(linesOf({toServer("\x16\x03\x01 some text that is no hello")}), IsEmpty());
  std::string odd = clientHello("");
  odd[9] = 'x';
  EXPECT_THAT(linesOf({toServer(odd)}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
