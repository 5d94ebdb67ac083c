// SPDX-License-Identifier: GPL-2.0-or-later
// Where no file can be opened. Sanitizers open some themselves.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "capture/live/privileges.h"

namespace vsdump {
namespace {

/// Prints the error of accountToBecome("bin") while no file can be opened, and exits.
[[noreturn]] void lookUpWithoutDescriptors() {
  const rlimit none{};
  setrlimit(RLIMIT_NOFILE, &none);
  const Result<Account> account = accountToBecome("bin");
  std::fputs(account ? account->name.c_str() : describe(account.error()).c_str(), stderr);
  std::_Exit(0);
}

TEST(AccountToBecomeWithoutDescriptors, SaysThatNobodyCanBeLookedUp) {
  const std::string said =
      geteuid() == 0 ? "cannot go on as the user bin: Too many open files\\. -Z takes a user's "
                       "name; -Z root keeps root's rights\\."
                     : std::to_string(getuid());  // who stays who it is
  // A new process: what has looked users up before may know other ways to.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(lookUpWithoutDescriptors(), testing::ExitedWithCode(0), "^" + said + "$");
}

}  // namespace
}  // namespace vsdump
