// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/private_network.h"

#include <fcntl.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "capture/file/descriptor.h"

namespace vsdump {

namespace {

/// Runs `work` in a thread of its own, which may leave its network namespace.
Result<void> inThread(const char* attempted, const std::function<Result<void>()>& work) {
  Result<void> result;
  try {
    std::thread([&] { result = work(); }).join();
  } catch (const std::system_error& failure) {
    return tl::unexpected(systemError(attempted, {}, failure.code().value()));
  }
  return result;
}

/// Where the kernel shows the namespace as a file.
std::string namespaceFile(const std::string& nameOrProcess) {
  const bool isNumber =
      std::ranges::all_of(nameOrProcess, [](char c) { return c >= '0' && c <= '9'; });
  return isNumber ? "/proc/" + nameOrProcess + "/ns/net" : "/run/netns/" + nameOrProcess;
}

}  // namespace

Result<void> inPrivateNetwork(const std::function<Result<void>()>& work) {
  constexpr const char* kAttempted = "make a private network namespace";
  return inThread(kAttempted, [&]() -> Result<void> {
    if (unshare(CLONE_NEWNET) == 0) return work();
    Error error = systemError(kAttempted, {}, errno);
    if (error.kind == ErrorKind::Permission) {
      error.hint =
          "Making a device for the capture needs the capabilities CAP_NET_ADMIN and CAP_NET_RAW: "
          "run "
          "vsdump as root, or give them to its file (`setcap cap_net_raw,cap_net_admin=ep FILE`). "
          "Where root has made one (`vsdump devices add vsockmon0`), CAP_NET_RAW is enough.";
    }
    return tl::unexpected(std::move(error));
  });
}

Result<void> inNetworkNamespace(const std::string& nameOrProcess,
                                const std::function<Result<void>()>& work) {
  constexpr const char* kAttempted = "enter the network namespace";
  return inThread(kAttempted, [&]() -> Result<void> {
    const Descriptor file(::open(namespaceFile(nameOrProcess).c_str(), O_RDONLY | O_CLOEXEC));
    if (file.isOpen() && ::setns(file.get(), CLONE_NEWNET) == 0) return work();
    Error error = systemError(kAttempted, nameOrProcess, errno);
    if (error.kind == ErrorKind::Permission) {
      error.hint = "That needs the capability CAP_SYS_ADMIN: run vsdump as root.";
    } else if (error.kind == ErrorKind::NotFound) {
      error.hint = "Name one of `ip netns list`, or the number of a process that runs in it.";
    }
    return tl::unexpected(std::move(error));
  });
}

}  // namespace vsdump
