// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/helper/device_keeper.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace vsdump {
namespace {

/// The alias that a process had given which is no more.
std::string aliasOfTheDead() {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string alias = captureAlias();
    ::_exit(::write(ends[1], alias.data(), alias.size()) > 0 ? 0 : 1);
  }
  ::waitpid(child, nullptr, 0);
  char text[256];
  const ssize_t size = ::read(ends[0], text, sizeof text);
  ::close(ends[0]);
  ::close(ends[1]);
  return {text, static_cast<std::size_t>(size > 0 ? size : 0)};
}

TEST(CaptureAlias, FitsIntoWhatTheKernelKeeps) {
  EXPECT_LT(captureAlias().size(), 256U);  // IFALIASZ, linux/if.h
}

TEST(CaptureAlias, IsKnownFromOthers) {
  EXPECT_TRUE(isOfACapture(captureAlias()));
  EXPECT_FALSE(isOfACapture(""));
  EXPECT_FALSE(isOfACapture("for vsdump capture of process 1"));
}

TEST(LeftBehind, IsNotWhatALivingProcessHasMade) {
  EXPECT_FALSE(isLeftBehind(captureAlias()));
}

TEST(LeftBehind, IsWhatADeadProcessHasMade) {
  const std::string alias = aliasOfTheDead();
  EXPECT_TRUE(isOfACapture(alias)) << alias;
  EXPECT_TRUE(isLeftBehind(alias)) << alias;
}

TEST(LeftBehind, IsWhatAProcessHadMadeWhoseNumberIsAnothersNow) {
  std::string alias = captureAlias();
  alias.replace(alias.find(" started "), 9, " started 1");
  EXPECT_TRUE(isLeftBehind(alias)) << alias;
}

TEST(LeftBehind, IsNothingOfAnotherPidNamespaceOrOfOtherPrograms) {
  std::string alias = aliasOfTheDead();
  alias.replace(alias.find("pid:["), 5, "pid:[9");
  EXPECT_FALSE(isLeftBehind(alias)) << alias;
  EXPECT_FALSE(isLeftBehind("somebody's tap"));
  EXPECT_FALSE(isLeftBehind("vsdump capture of process x"));
}

}  // namespace
}  // namespace vsdump
