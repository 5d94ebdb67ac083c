// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/doctor/kernel_modules.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/options/support.h"

namespace vsdump {
namespace {

class KernelModules : public testing::Test {
 protected:
  void write(const std::string& path, std::string_view text) {
    const std::filesystem::path whole = root() + "/" + path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
  }
  std::string root() const { return anchor_.folder(); }

  test::TemporaryFile anchor_{"anchor", ""};
};

TEST_F(KernelModules, AreToldApartByWhatTheKernelAndDepmodList) {
  write("proc/modules", "vsock 53248 1 vhost_vsock, Live 0x0\nvhost_vsock 24576 0 - Live 0x0\n");
  write("lib/modules/6.1/modules.dep",
        "kernel/net/vmw_vsock/vsock_loopback.ko.xz: kernel/net/vmw_vsock/vsock.ko.xz\n"
        "kernel/net/vmw_vsock/vsock-diag.ko: \n");
  write("lib/modules/6.1/modules.builtin", "kernel/drivers/net/vsockmon.ko\n");
  EXPECT_EQ(moduleState(root(), "6.1", "vhost_vsock"), ModuleState::Loaded);
  EXPECT_EQ(moduleState(root(), "6.1", "vsockmon"), ModuleState::BuiltIn);
  EXPECT_EQ(moduleState(root(), "6.1", "vsock_loopback"), ModuleState::Loadable);
  EXPECT_EQ(moduleState(root(), "6.1", "vsock_diag"), ModuleState::Loadable);
  EXPECT_EQ(moduleState(root(), "6.1", "hv_sock"), ModuleState::Missing);
}

TEST_F(KernelModules, AreUnknownWithoutTheRunningKernelsFolder) {
  EXPECT_EQ(moduleState(root(), "6.1", "vsockmon"), ModuleState::Unknown);
}

}  // namespace
}  // namespace vsdump
