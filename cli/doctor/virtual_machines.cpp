// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/doctor/virtual_machines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace vsdump {

namespace {

namespace fs = std::filesystem;

/// Programs that play the guest's vsock device themselves.
constexpr std::array<std::string_view, 6> kUserspaceDevices{
    "firecracker", "cloud-hypervisor", "krun", "krunvm", "dragonball", "libkrun"};

/// What can be read of the file. A process that ends meanwhile makes reading fail; only the
/// stream's own operator takes that as an end.
std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// What the process is: the last part of its first word.
std::string programOf(const std::string& commandLine) {
  const std::string first = commandLine.substr(0, commandLine.find('\0'));
  std::string name = first.substr(first.rfind('/') + 1);
  return name.starts_with("qemu") ? "qemu" : name;
}

/// The number behind "guest-cid=" (QEMU) or "cid=" (Cloud Hypervisor).
std::optional<std::uint64_t> cidIn(std::string_view commandLine) {
  const std::size_t at = commandLine.find("cid=");
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view text = commandLine.substr(at + 4);
  std::uint64_t cid = 0;
  const bool isHex = text.starts_with("0x");
  const char* begin = text.data() + (isHex ? 2 : 0);
  const auto [end, code] = std::from_chars(begin, text.data() + text.size(), cid, isHex ? 16 : 10);
  if (code != std::errc{} || end == begin) return std::nullopt;
  return cid;
}

/// Whether the process has vhost_vsock open; none where that cannot be seen.
std::optional<bool> holdsVhostVsock(const fs::path& process) {
  std::error_code error;
  for (fs::directory_iterator each(process / "fd", error), end; !error && each != end;
       each.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(each->path(), gone) == "/dev/vhost-vsock") return true;
  }
  if (error == std::errc::permission_denied) return std::nullopt;
  return false;
}

}  // namespace

VirtualMachines findVirtualMachines(const std::string& root) {
  VirtualMachines machines;
  std::error_code error;
  for (fs::directory_iterator each(root + "/proc", error), end; !error && each != end;
       each.increment(error)) {
    const std::string name = each->path().filename();
    int process = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), process).ec != std::errc{}) {
      continue;
    }
    const std::string commandLine = contents(each->path() / "cmdline");
    if (commandLine.empty()) continue;
    const std::string program = programOf(commandLine);
    const bool asksForVhost =
        program == "qemu" && commandLine.find("vhost-vsock-") != std::string::npos;
    const bool playsItself =
        std::ranges::find(kUserspaceDevices, program) != kUserspaceDevices.end() ||
        (program == "qemu" && commandLine.find("vhost-user-vsock") != std::string::npos);
    const std::optional<bool> holds = holdsVhostVsock(each->path());
    if (!holds) machines.isComplete = false;
    const bool isSeen = asksForVhost || holds.value_or(false);
    if (!isSeen && !playsItself) continue;
    machines.found.push_back(
        {.process = process, .program = program, .cid = cidIn(commandLine), .isSeenHere = isSeen});
  }
  std::ranges::sort(machines.found, {}, &VirtualMachine::process);
  return machines;
}

}  // namespace vsdump
