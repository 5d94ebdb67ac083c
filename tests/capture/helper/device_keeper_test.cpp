// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/helper/device_keeper.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <string>
#include <utility>

namespace vsdump {
namespace {

VsockmonDevice withAlias(std::string alias) {
  return {.name = "vsockmon0", .alias = std::move(alias)};
}

VsockmonDevice withGroup(std::uint32_t group) {
  return {.name = "vsockmon0", .group = group};
}

/// The mark that a process had given which is no more.
DeviceMark markOfTheDead() {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    const DeviceMark mark = captureMark();
    const bool isWritten = ::write(ends[1], &mark.group, sizeof mark.group) > 0 &&
                           ::write(ends[1], mark.alias.data(), mark.alias.size()) > 0;
    ::_exit(isWritten ? 0 : 1);
  }
  ::waitpid(child, nullptr, 0);
  DeviceMark mark;
  char text[256];
  if (::read(ends[0], &mark.group, sizeof mark.group) < 0) return {};
  const ssize_t size = ::read(ends[0], text, sizeof text);
  mark.alias.assign(text, static_cast<std::size_t>(size > 0 ? size : 0));
  ::close(ends[0]);
  ::close(ends[1]);
  return mark;
}

TEST(CaptureMark, FitsIntoWhatTheKernelKeeps) {
  EXPECT_LT(captureMark().alias.size(), 256U);  // IFALIASZ, linux/if.h
  // net_device's group is an int.
  EXPECT_LE(captureMark().group, static_cast<std::uint32_t>(INT_MAX));
}

TEST(CaptureMark, IsKnownFromOthers) {
  EXPECT_TRUE(isOfACapture(withAlias(captureMark().alias)));
  EXPECT_TRUE(isOfACapture(withGroup(captureMark().group)));
  EXPECT_FALSE(isOfACapture(withAlias("")));
  EXPECT_FALSE(isOfACapture(withAlias("for vsdump capture of process 1")));
  for (const std::uint32_t group : {1U, 4711U, 0x7FFFFFFFU}) {
    EXPECT_FALSE(isOfACapture(withGroup(group))) << group;
  }
}

TEST(LeftBehind, IsNotWhatALivingProcessHasMade) {
  EXPECT_FALSE(isLeftBehind(withAlias(captureMark().alias)));
  EXPECT_FALSE(isLeftBehind(withGroup(captureMark().group)));
}

TEST(LeftBehind, IsWhatADeadProcessHasMade) {
  const DeviceMark mark = markOfTheDead();
  EXPECT_TRUE(isLeftBehind(withAlias(mark.alias))) << mark.alias;
  EXPECT_TRUE(isLeftBehind(withGroup(mark.group))) << mark.group;
}

TEST(LeftBehind, IsWhatAProcessHadMadeWhoseNumberIsAnothersNow) {
  std::string alias = captureMark().alias;
  alias.replace(alias.find(" started "), 9, " started 1");
  EXPECT_TRUE(isLeftBehind(withAlias(alias))) << alias;
}

TEST(LeftBehind, IsNothingOfAnotherPidNamespaceOrOfOtherPrograms) {
  const DeviceMark mark = markOfTheDead();
  std::string alias = mark.alias;
  alias.replace(alias.find("pid:["), 5, "pid:[9");
  EXPECT_FALSE(isLeftBehind(withAlias(alias))) << alias;
  EXPECT_FALSE(isLeftBehind(withAlias("somebody's tap")));
  EXPECT_FALSE(isLeftBehind(withAlias("vsdump capture of process x")));
  VsockmonDevice named = withGroup(mark.group);
  named.alias = "somebody's tap";
  EXPECT_FALSE(isLeftBehind(named));
}

}  // namespace
}  // namespace vsdump
