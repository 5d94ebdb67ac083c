// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/doctor/virtual_machines.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cli/options/support.h"

namespace vsdump {
namespace {

class Machines : public testing::Test {
 protected:
  void process(int number, const std::vector<std::string>& words, const std::string& open = {}) {
    const std::filesystem::path folder = root() + "/proc/" + std::to_string(number);
    std::filesystem::create_directories(folder / "fd");
    std::ofstream file(folder / "cmdline", std::ios::binary);
    for (const std::string& word : words) file << word << '\0';
    if (!open.empty()) std::filesystem::create_symlink(open, folder / "fd" / "7");
  }
  std::string root() const { return anchor_.folder(); }

  test::TemporaryFile anchor_{"anchor", ""};
};

TEST_F(Machines, OfQemuWithVhostVsockAreSeenFromHere) {
  process(811, {"/usr/bin/qemu-system-x86_64", "-device", "vhost-vsock-pci,guest-cid=42"});
  const auto machines = findVirtualMachines(root());
  ASSERT_EQ(machines.found.size(), 1U);
  EXPECT_EQ(machines.found[0].process, 811);
  EXPECT_EQ(machines.found[0].program, "qemu");
  EXPECT_EQ(machines.found[0].cid, 42U);
  EXPECT_TRUE(machines.found[0].isSeenHere);
}

TEST_F(Machines, ThatPlayTheDeviceThemselvesAreSeenInsideOnly) {
  process(977, {"/opt/firecracker", "--api-sock", "/tmp/s"});
  process(978, {"cloud-hypervisor", "--vsock", "cid=3,socket=/tmp/v"});
  process(979, {"qemu-system-x86_64", "-device", "vhost-user-vsock-pci,chardev=c"});
  const auto machines = findVirtualMachines(root());
  ASSERT_EQ(machines.found.size(), 3U);
  for (const VirtualMachine& each : machines.found) EXPECT_FALSE(each.isSeenHere) << each.program;
  EXPECT_EQ(machines.found[1].cid, 3U);
}

TEST_F(Machines, OfAnyProgramAreSeenThroughTheOpenDevice) {
  process(5, {"/usr/bin/crosvm", "run"}, "/dev/vhost-vsock");
  const auto machines = findVirtualMachines(root());
  ASSERT_EQ(machines.found.size(), 1U);
  EXPECT_EQ(machines.found[0].program, "crosvm");
  EXPECT_TRUE(machines.found[0].isSeenHere);
  EXPECT_FALSE(machines.found[0].cid);
}

TEST_F(Machines, AreNotMadeUpOfOtherProcesses) {
  process(6, {"grep", "vhost-vsock-pci,guest-cid=42"});
  process(7, {"qemu-system-x86_64", "-m", "1G"}, "/dev/kvm");
  process(8, {});
  EXPECT_TRUE(findVirtualMachines(root()).found.empty());
}

TEST_F(Machines, AreListedThoughAProcessCannotBeRead) {
  // Reading a folder fails as reading from a process that has just ended does.
  std::filesystem::create_directories(root() + "/proc/9/cmdline");
  process(977, {"/opt/firecracker"});
  EXPECT_EQ(findVirtualMachines(root()).found.size(), 1U);
}

}  // namespace
}  // namespace vsdump
