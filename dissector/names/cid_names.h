// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "dissector/wire/types.h"

namespace vsdump {

/// CIDs with a fixed meaning. **Source** linux include/uapi/linux/vm_sockets.h, VMADDR_CID_*.
inline constexpr Cid kCidHypervisor{0};
inline constexpr Cid kCidLocal{1};
inline constexpr Cid kCidHost{2};
inline constexpr Cid kCidAny{0xFFFFFFFF};
inline constexpr Cid kFirstGuestCid{3};

/// Ports up to this one can only be bound with CAP_NET_BIND_SERVICE.
/// **Source** linux net/vmw_vsock/af_vsock.c, LAST_RESERVED_PORT.
inline constexpr Port kLastPrivilegedPort{1023};

/// "hypervisor", "local", "host", "any"; empty for every other CID.
std::string_view cidName(Cid cid);

constexpr bool isPrivileged(Port port) {
  return port <= kLastPrivilegedPort;
}

}  // namespace vsdump
