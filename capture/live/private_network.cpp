// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/private_network.h"

#include <sched.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace vsdump {

Result<void> inPrivateNetwork(const std::function<Result<void>()>& work) {
  constexpr const char* kAttempted = "make a private network namespace";
  Result<void> result;
  const auto run = [&] {
    if (unshare(CLONE_NEWNET) == 0) {
      result = work();
      return;
    }
    Error error = systemError(kAttempted, {}, errno);
    if (error.kind == ErrorKind::Permission) {
      error.hint =
          "Making a device for the capture needs the capabilities CAP_SYS_ADMIN, CAP_NET_ADMIN and "
          "CAP_NET_RAW: run vsdump as root. Where root has made one (`ip link add vsockmon0 type "
          "vsockmon` and `ip link set vsockmon0 up`), CAP_NET_RAW is enough.";
    }
    result = tl::unexpected(std::move(error));
  };
  try {
    std::thread(run).join();
  } catch (const std::system_error& failure) {
    return tl::unexpected(systemError(kAttempted, {}, failure.code().value()));
  }
  return result;
}

}  // namespace vsdump
