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

TEST_F(Machines, AreKnownByTheNamesOfReleases) {
  process(1, {"./firecracker-v1.7.0-x86_64", "--api-sock", "/tmp/s"});
  process(2, {"/usr/bin/cloud-hypervisor-static", "--cid", "9"});
  process(3, {"cloud-hypervisor-static-aarch64", "--vsock=cid=0x10,socket=/tmp/v"});
  process(4, {"krunkit"});
  process(5, {"muvm", "--", "sh"});
  process(6, {"krunvm", "start"});
  process(7, {"/usr/bin/firecracker-containerd"});
  const auto machines = findVirtualMachines(root());
  ASSERT_EQ(machines.found.size(), 6U);
  std::vector<std::string> programs;
  for (const VirtualMachine& each : machines.found) programs.push_back(each.program);
  EXPECT_EQ(programs, (std::vector<std::string>{"firecracker", "cloud-hypervisor",
                                                "cloud-hypervisor", "krunkit", "muvm", "krunvm"}));
  EXPECT_EQ(machines.found[1].cid, 9U);
  EXPECT_EQ(machines.found[2].cid, 16U);
}

TEST_F(Machines, OfQemuAreKnownByTheDeviceWhateverItIsCalled) {
  const std::string device = R"({"driver":"vhost-vsock-pci","id":"vsock0","guest-cid":7})";
  process(1, {"/usr/bin/kvm", "-device", "vhost-vsock-pci,id=xcid=5,guest-cid=0x2a"});
  process(2, {"/usr/libexec/emulator", "-accel", "kvm", "-device", device});
  process(3, {"qemu-kvm", "-device", R"({"guest-cid": "8", "driver": "vhost-vsock-device"})"});
  process(4, {"sudo", "-E", "/usr/bin/qemu-system-x86_64", "-device", device});
  process(5, {"emulator", "-device", "virtio-net-pci,id=vhost-vsock-pci"});
  const auto machines = findVirtualMachines(root());
  ASSERT_EQ(machines.found.size(), 3U);
  EXPECT_EQ(machines.found[0].program, "qemu");
  EXPECT_EQ(machines.found[0].cid, 42U);
  EXPECT_EQ(machines.found[1].program, "emulator");
  EXPECT_EQ(machines.found[1].cid, 7U);
  EXPECT_EQ(machines.found[2].cid, 8U);
  for (const VirtualMachine& each : machines.found) EXPECT_TRUE(each.isSeenHere) << each.process;
}

TEST_F(Machines, AreKnownByLibkrunInTheirMemory) {
  process(1, {"/usr/bin/crun", "run"});
  std::ofstream(root() + "/proc/1/maps")
      << "7f00-7f01 r-xp 0 08:01 7  /usr/lib64/libkrun.so.1.9.0\n";
  process(2, {"/usr/bin/crun", "run"});
  std::ofstream(root() + "/proc/2/maps") << "7f00-7f01 r-xp 0 08:01 7  /usr/lib64/libcrun.so.0\n";
  const auto machines = findVirtualMachines(root());
  ASSERT_EQ(machines.found.size(), 1U);
  EXPECT_EQ(machines.found[0].process, 1);
  EXPECT_EQ(machines.found[0].program, "crun");
  EXPECT_FALSE(machines.found[0].isSeenHere);
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
