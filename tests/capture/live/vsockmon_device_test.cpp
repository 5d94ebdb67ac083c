// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/vsockmon_device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace vsdump {
namespace {

using testing::HasSubstr;

TEST(DeviceName, HasOneTo15CharactersOtherThanBlanksSlashAndColon) {
  for (const char* name : {"v", "vsockmon0", "vsockmon0123456", "...", "a-b_c.d"}) {
    EXPECT_TRUE(isValidDeviceName(name)) << name;
  }
  for (const char* name : {"", ".", "..", "a b", "a\tb", "a/b", "a:b", "vsockmon01234567"}) {
    EXPECT_FALSE(isValidDeviceName(name)) << name;
  }
  EXPECT_FALSE(isValidDeviceName(std::string_view("a\0b", 3)));
}

/// A folder like /lib/modules/RELEASE.
class MissingVsockmonHint : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void listModules(const std::string& lines) const {
    std::ofstream(folder_ / "modules.dep") << lines;
  }
  std::string hint() const { return missingVsockmonHint(folder_); }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("vsdump-modules-") +
       testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(MissingVsockmonHint, NamesTheKernelsOptionWhereNoModuleIsListed) {
  listModules("kernel/drivers/net/dummy.ko:\n");
  EXPECT_THAT(hint(), HasSubstr("CONFIG_VSOCKMON"));
  listModules("kernel/net/vmw_vsock/vsock.ko: kernel/drivers/net/vsockmon.ko\n");
  EXPECT_THAT(hint(), HasSubstr("CONFIG_VSOCKMON"));
}

TEST_F(MissingVsockmonHint, SaysThatTheModuleIsThereButNotLoaded) {
  for (const char* ending : {"", ".xz", ".zst"}) {
    listModules("kernel/drivers/net/vsockmon.ko" + std::string(ending) +
                ": kernel/net/vmw_vsock/vsock.ko\n");
    EXPECT_THAT(hint(), HasSubstr("`modprobe vsockmon` says why"));
  }
}

TEST_F(MissingVsockmonHint, AsksForARestartWhereTheKernelHasNoModulesAtAll) {
  std::filesystem::remove_all(folder_);
  EXPECT_THAT(hint(), HasSubstr("restart the machine"));
  EXPECT_THAT(hint(), HasSubstr(folder_.string()));
}

}  // namespace
}  // namespace vsdump
