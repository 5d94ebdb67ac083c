// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/doctor/virtual_machines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace vsdump {

namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string_view>;

/// Programs that play the guest's vsock device themselves.
constexpr std::array<std::string_view, 8> kUserspaceDevices{
    "firecracker", "cloud-hypervisor", "krun",   "krunvm", "krunkit",
    "muvm",        "dragonball",       "libkrun"};

/// What can be read of the file. A process that ends meanwhile makes reading fail; only the
/// stream's own operator takes that as an end.
std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Words wordsOf(std::string_view commandLine) {
  Words words;
  while (!commandLine.empty()) {
    const std::size_t end = std::min(commandLine.find('\0'), commandLine.size());
    words.push_back(commandLine.substr(0, end));
    commandLine.remove_prefix(std::min(end + 1, commandLine.size()));
  }
  return words;
}

std::string_view fileName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// Whether a release's file would be called so: "-v1.7.0-x86_64", "-static-aarch64". Other programs
/// have words there: firecracker-containerd runs no machine.
bool isReleaseSuffix(std::string_view text) {
  constexpr std::array<std::string_view, 4> kBuilds{"-static", "-musl", "-x86_64", "-aarch64"};
  if (text.empty()) return true;
  if (std::ranges::any_of(kBuilds, [&](auto build) { return text.starts_with(build); }))
    return true;
  const std::size_t digit = text.starts_with("-v") ? 2 : 1;
  return text[0] == '-' && digit < text.size() && text[digit] >= '0' && text[digit] <= '9';
}

/// The program's name without what its version adds.
std::string_view programOf(std::string_view path) {
  const std::string_view name = fileName(path);
  if (name.starts_with("qemu") || name == "kvm") return "qemu";
  for (const std::string_view known : kUserspaceDevices) {
    if (name.starts_with(known) && isReleaseSuffix(name.substr(known.size()))) return known;
  }
  return name;
}

/// Whether the words begin another program, which is QEMU: those of sudo and timeout do.
bool runQemu(const Words& words) {
  return std::any_of(words.begin() + 1, words.end(), [](std::string_view word) {
    return fileName(word).starts_with("qemu-system-") || word.ends_with("/kvm");
  });
}

/// What QEMU is told of its vsock device: "vhost-vsock-pci,guest-cid=7", or as libvirt says it
/// {"driver":"vhost-vsock-pci","guest-cid":7}. Empty where there is none.
std::string_view qemuDevice(const Words& words) {
  if (programOf(words[0]) != "qemu" && runQemu(words)) return {};
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    if (words[i] != "-device" && words[i] != "--device") continue;
    const std::string_view device = words[i + 1];
    for (const std::string_view driver : {"vhost-vsock-", "vhost-user-vsock-"}) {
      const std::size_t at = device.find(driver);
      if (at == 0 || (at != std::string_view::npos && device.starts_with('{'))) return device;
    }
  }
  return {};
}

/// The number behind a key and what stands between: "cid=7", "cid\":\"0x7\"".
std::optional<std::uint64_t> numberBehind(std::string_view key, std::string_view text) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  text.remove_prefix(std::min(text.find_first_not_of("\"':= "), text.size()));
  const bool isHex = text.starts_with("0x");
  if (isHex) text.remove_prefix(2);
  std::uint64_t cid = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), cid, isHex ? 16 : 10);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return cid;
}

/// The guest's CID, of QEMU's device or by the options that Cloud Hypervisor ("--vsock cid=3,...")
/// and crosvm ("--cid 3") have.
std::optional<std::uint64_t> cidIn(const Words& words, std::string_view device) {
  if (!device.empty()) return numberBehind("guest-cid", device);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with("cid=") || words[i].starts_with("--vsock=cid=") ||
        words[i].starts_with("--cid=")) {
      return numberBehind("cid", words[i]);
    }
    if (words[i] == "--cid" && i + 1 < words.size()) return numberBehind("", words[i + 1]);
  }
  return std::nullopt;
}

/// Whether the process has libkrun, a virtual machine as a library, or one of its variants.
bool hasLibkrun(const fs::path& process) {
  const std::string maps = contents(process / "maps");
  return maps.find("/libkrun.so") != std::string::npos ||
         maps.find("/libkrun-") != std::string::npos;
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

/// The virtual machine that a process is.
std::optional<VirtualMachine> machineIn(const fs::path& process, std::optional<bool> holdsVhost) {
  const std::string commandLine = contents(process / "cmdline");
  const Words words = wordsOf(commandLine);
  if (words.empty()) return std::nullopt;
  const std::string_view program = programOf(words[0]);
  const std::string_view device = qemuDevice(words);
  const bool isSeen =
      holdsVhost.value_or(false) || device.find("vhost-vsock-") != std::string_view::npos;
  const bool isMachine = isSeen || !device.empty() ||
                         std::ranges::find(kUserspaceDevices, program) != kUserspaceDevices.end() ||
                         hasLibkrun(process);
  if (!isMachine) return std::nullopt;
  return VirtualMachine{
      .program = std::string(program), .cid = cidIn(words, device), .isSeenHere = isSeen};
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
    const std::optional<bool> holdsVhost = holdsVhostVsock(each->path());
    if (!holdsVhost) machines.isComplete = false;
    auto machine = machineIn(each->path(), holdsVhost);
    if (!machine) continue;
    machine->process = process;
    machines.found.push_back(std::move(*machine));
  }
  std::ranges::sort(machines.found, {}, &VirtualMachine::process);
  return machines;
}

}  // namespace vsdump
