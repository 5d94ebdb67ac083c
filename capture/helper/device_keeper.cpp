// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/helper/device_keeper.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "capture/helper/helper_process.h"

namespace vsdump {

namespace {

constexpr std::string_view kPrefix = "vsdump capture of process ";

std::string pidNamespace() {
  std::array<char, PATH_MAX> text{};
  const ssize_t size = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  return {text.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
}

/// When a process was started, in the kernel's own unit; empty where that is not shown.
std::string startOf(pid_t process) {
  constexpr int kPlace = 20;  // the 22nd field, and the second ends with the last bracket
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string line;
  std::getline(file, line);
  const std::size_t bracket = line.rfind(')');
  if (bracket == std::string::npos) return {};
  std::istringstream fields(line.substr(bracket + 1));
  std::string field;
  for (int place = 0; place < kPlace; ++place) fields >> field;
  return field;
}

std::string aliasOf(pid_t process, std::string_view start) {
  return fmt::format("{}{} started {} {}", kPrefix, process, start, pidNamespace());
}

// While a device has no alias yet, its group has the process's number in these bits (PID_MAX_LIMIT
// in the kernel's include/linux/threads.h is no more), and in the others what is of a capture.
constexpr std::uint32_t kProcessBits = 0x003F'FFFF;
constexpr std::uint32_t kGroupOfCaptures = 0x7653'0000 & ~kProcessBits;

bool hasGroupOfCaptures(const VsockmonDevice& device) {
  return device.alias.empty() && (device.group & ~kProcessBits) == kGroupOfCaptures;
}

bool hasMark(const VsockmonDevice& device, const DeviceMark& mark) {
  return device.alias == mark.alias || (device.alias.empty() && device.group == mark.group);
}

bool isNoMore(pid_t process) {
  return ::kill(process, 0) != 0 && errno == ESRCH;
}

/// Removes what has the mark, once nobody is at the other end.
void keep(int connection, const DeviceMark& mark) {
  // Who reads what the capture prints must not wait for this process.
  const Descriptor nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(nowhere.get(), standard);
  }
  char byte = 0;
  while (::recv(connection, &byte, 1, 0) < 0 && errno == EINTR) {
  }
  const auto devices = listVsockmonDevices();
  if (!devices) return;
  for (const VsockmonDevice& device : *devices) {
    if (hasMark(device, mark)) static_cast<void>(removeVsockmonDevice(device.name));
  }
}

}  // namespace

DeviceMark captureMark() {
  const pid_t self = ::getpid();
  return {.alias = aliasOf(self, startOf(self)),
          .group = kGroupOfCaptures | static_cast<std::uint32_t>(self)};
}

bool isOfACapture(const VsockmonDevice& device) {
  return device.alias.starts_with(kPrefix) || hasGroupOfCaptures(device);
}

bool isLeftBehind(const VsockmonDevice& device) {
  if (!isOfACapture(device)) return false;
  if (hasGroupOfCaptures(device)) {
    return isNoMore(static_cast<pid_t>(device.group & kProcessBits));
  }
  const std::string_view alias = device.alias;
  const std::string_view rest = alias.substr(kPrefix.size());
  pid_t process = 0;
  const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), process);
  if (code != std::errc{} || process <= 0) return false;
  if (!alias.ends_with(' ' + pidNamespace())) return false;
  if (isNoMore(process)) return true;
  // Another process may have got the number since. Where it is hidden, it is left in peace.
  const std::string start = startOf(process);
  return !start.empty() && alias != aliasOf(process, start);
}

Result<Descriptor> keepDevice(const DeviceMark& mark, const std::optional<std::string>& user) {
  const Result<Account> account = accountToBecome(user);
  if (!account) return tl::unexpected(account.error());
  return startHelper("vsdump-keeper", {.account = *account, .capability = CAP_NET_ADMIN}, {},
                     [&](int connection) { keep(connection, mark); });
}

bool hasCapability(int capability) {
  capng_clear(CAPNG_SELECT_ALL);
  return capng_get_caps_process() == 0 &&
         capng_have_capability(CAPNG_EFFECTIVE, static_cast<unsigned>(capability)) == 1;
}

}  // namespace vsdump
