// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/privileges.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace vsdump {
namespace {

/// The users that Debian's base system has under these numbers.
constexpr uid_t kDaemon = 1;
constexpr uid_t kBin = 2;
constexpr uid_t kNobody = 65534;

/// Nobody has called the test through sudo or pkexec, unless it says so. Whom root becomes depends
/// on that; anybody else stays who it is, which the tests expect where they are not run by root.
class AccountToBecome : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("SUDO_UID");
    unsetenv("PKEXEC_UID");
  }
  void TearDown() override { SetUp(); }

  static uid_t ofRoot(uid_t uid) { return geteuid() == 0 ? uid : getuid(); }

  static void expectUid(const Result<Account>& account, uid_t uid) {
    ASSERT_TRUE(account) << describe(account.error());
    EXPECT_EQ(account->uid, uid);
  }
};

TEST_F(AccountToBecome, IsNobodyForRoot) {
  expectUid(accountToBecome(std::nullopt), ofRoot(kNobody));
}

TEST_F(AccountToBecome, IsWhoCalledSudoOrPkexec) {
  setenv("PKEXEC_UID", "2", 1);
  expectUid(accountToBecome(std::nullopt), ofRoot(kBin));
  setenv("SUDO_UID", "1", 1);
  expectUid(accountToBecome(std::nullopt), ofRoot(kDaemon));
}

TEST_F(AccountToBecome, IsNobodyWhenRootCalledSudoOrTheCallerIsNoUser) {
  for (const char* text : {"0", "", "1x", "-1", "99999999999999999999", "4000000000"}) {
    setenv("SUDO_UID", text, 1);
    expectUid(accountToBecome(std::nullopt), ofRoot(kNobody));
  }
}

TEST_F(AccountToBecome, IsTheUserThatIsAskedForWhoeverCalled) {
  setenv("SUDO_UID", "1", 1);
  expectUid(accountToBecome("bin"), ofRoot(kBin));
  expectUid(accountToBecome("root"), ofRoot(0));
}

TEST_F(AccountToBecome, IsNotAUserThatDoesNotExist) {
  const Result<Account> account = accountToBecome("no-such-user");
  if (geteuid() != 0) return expectUid(account, getuid());
  ASSERT_FALSE(account);
  EXPECT_EQ(account.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(describe(account.error()),
            "cannot go on as the user no-such-user: there is no such user. -Z takes a user's name; "
            "-Z root keeps root's rights.");
}

}  // namespace
}  // namespace vsdump
