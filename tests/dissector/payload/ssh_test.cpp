// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/ssh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string keyExchange(const std::string& kex, const std::string& cipher, const std::string& mac) {
  std::string body = big(20, 1) + std::string(16, 'c');
  for (const std::string& list :
       {kex, std::string("ssh-ed25519"), cipher, cipher, mac, mac, std::string("none"),
        std::string("none"), std::string(), std::string()}) {
    body += big(list.size(), 4) + list;
  }
  body += big(0, 5);
  const std::size_t padding = 4;
  return big(1 + body.size() + padding, 4) + big(padding, 1) + body + std::string(padding, '\0');
}

TEST(Ssh, TellsBannersAndWhatBothSidesAgreeOn) {
  EXPECT_THAT(linesHoweverSplit({toClient("SSH-2.0-OpenSSH_9.2p1\r\n"),
                                 toServer("SSH-2.0-Client_1 note\r\n"),
                                 toServer(keyExchange("new,old", "aes-ctr,aes-cbc", "sha2,sha1")),
                                 toClient(keyExchange("old,oldest", "aes-cbc", "sha1,sha2"))}),
              ::testing::UnorderedElementsAre("ssh banner version=2.0-OpenSSH_9.2p1",
                                              "ssh banner version=\"2.0-Client_1 note\"",
                                              "ssh key exchange kex=old host_key=ssh-ed25519 "
                                              "cipher_to_server=aes-cbc cipher_to_client=aes-cbc "
                                              "mac_to_server=sha2 mac_to_client=sha2"));
}

TEST(Ssh, LeavesOutTheMacThatTheCipherReplaces) {
  const auto lines = linesOf({toServer("SSH-2.0-a\r\n" + keyExchange("k", "aes256-gcm@x", "sha1")),
                              toClient("SSH-2.0-b\r\n" + keyExchange("k", "aes256-gcm@x", "md5"))});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[2],
            "ssh key exchange kex=k host_key=ssh-ed25519 "
            "cipher_to_server=aes256-gcm@x cipher_to_client=aes256-gcm@x");
}

TEST(Ssh, SaysWhatBothSidesDoNotHaveInCommon) {
  const auto lines = linesOf({toServer("SSH-2.0-a\r\n" + keyExchange("new", "aes-ctr", "sha1")),
                              toClient("SSH-2.0-b\r\n" + keyExchange("old", "aes-ctr", "sha1"))});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[2], ::testing::EndsWith(": error no common kex"));
}

TEST(Ssh, LeavesALineAloneThatIsTooLongForABanner) {
  const std::string longest = "SSH-2.0-" + std::string(247, 'x');
  EXPECT_THAT(linesHoweverSplit({toClient(longest + "\n")}),
              ElementsAre("ssh banner version=" + longest.substr(4)));
  EXPECT_THAT(linesHoweverSplit({toClient(longest + "x\n")}), IsEmpty());
}

TEST(Ssh, LeavesOtherTextsAlone) {
  EXPECT_THAT(linesOf({toServer("SSH or not\r\n")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
