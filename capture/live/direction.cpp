// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/direction.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/vm_sockets.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace vsdump {

namespace {

constexpr std::string_view kSourceField = "link[0:4]";
constexpr std::string_view kSourceHighField = "link[4:4]";
constexpr std::string_view kDestinationField = "link[8:4]";
constexpr std::string_view kDestinationHighField = "link[12:4]";

/// BPF loads are big-endian, the header's fields are little-endian.
std::string equals(std::string_view low, std::string_view high, std::uint32_t cid) {
  return fmt::format("({} = {:#x} and {} = 0)", low, __builtin_bswap32(cid), high);
}

}  // namespace

Result<Cid> localCid() {
  constexpr const char* kPath = "/dev/vsock";
  constexpr const char* kAttempted = "find out this machine's CID from";
  const int descriptor = open(kPath, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    Error error = systemError(kAttempted, kPath, errno);
    error.hint = "Without the CID, packets have no direction: leave -Q out.";
    return tl::unexpected(std::move(error));
  }
  unsigned int cid = VMADDR_CID_ANY;
  const int result = ioctl(descriptor, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid);
  const int errnoValue = errno;
  close(descriptor);
  if (result < 0) return tl::unexpected(systemError(kAttempted, kPath, errnoValue));
  if (cid == VMADDR_CID_ANY || cid == VMADDR_CID_LOCAL) {
    return tl::unexpected(
        Error{.kind = ErrorKind::Unsupported,
              .attempted = "tell the direction of packets",
              .reason = "this machine has no CID of its own, as it is neither a guest nor a host "
                        "with vhost_vsock loaded, so its only traffic is loopback",
              .hint = "Leave -Q out."});
  }
  return Cid{cid};
}

std::string directionFilter(Direction direction, Cid local) {
  const auto from = [](std::uint64_t cid) {
    return equals(kSourceField, kSourceHighField, static_cast<std::uint32_t>(cid));
  };
  const auto to = [](std::uint64_t cid) {
    return equals(kDestinationField, kDestinationHighField, static_cast<std::uint32_t>(cid));
  };
  const std::uint64_t own = raw(local);
  const std::string anywhere =
      fmt::format("not {} and not {}", from(VMADDR_CID_LOCAL), to(VMADDR_CID_LOCAL));
  if (direction == Direction::In) {
    return fmt::format("{} and ({} or (not {} and not {} and {}))", anywhere, to(own), from(own),
                       from(VMADDR_CID_HOST), to(VMADDR_CID_HOST));
  }
  return fmt::format("{} and not {} and ({} or {})", anywhere, to(own), from(own),
                     from(VMADDR_CID_HOST));
}

}  // namespace vsdump
