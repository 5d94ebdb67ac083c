// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/direction.h"

#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "dissector/names/cid_names.h"

namespace vsdump {

namespace {

using namespace filter;

ExpressionPtr from(Cid cid) {
  return makeExpression(CidIs{AddressSide::Source, {cid}});
}

ExpressionPtr to(Cid cid) {
  return makeExpression(CidIs{AddressSide::Destination, {cid}});
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

filter::Filter directionFilter(LocalDirection direction, Cid local) {
  const ExpressionPtr noLoopback = allOf({negated(from(kCidLocal)), negated(to(kCidLocal))});
  if (direction == LocalDirection::In) {
    return Filter(
        allOf({noLoopback, anyOf({to(local), allOf({negated(from(local)), negated(from(kCidHost)),
                                                    to(kCidHost)})})}));
  }
  return Filter(allOf({noLoopback, negated(to(local)), anyOf({from(local), from(kCidHost)})}));
}

}  // namespace vsdump
