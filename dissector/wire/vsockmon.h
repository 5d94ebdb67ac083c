// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dissector/wire/bytes.h"
#include "dissector/wire/types.h"

namespace vsdump {

/// What the kernel's tap says that a packet does. Any other 16-bit value can occur.
/// **Source** linux include/uapi/linux/vsockmon.h, enum af_vsockmon_op.
enum class MonitorOp : std::uint16_t {
  Unknown = 0,
  Connect = 1,
  Disconnect = 2,
  Control = 3,
  Payload = 4,
};

/// Whose header follows the vsockmon header. Any other 16-bit value can occur.
/// **Source** linux include/uapi/linux/vsockmon.h, enum af_vsockmon_transport.
enum class Transport : std::uint16_t {
  Unknown = 0,
  NoInfo = 1,
  Virtio = 2,
};

/// The header that the vsockmon device puts before each packet.
///
/// The transport's header follows it directly, after the two reserved bytes. (The drawing of
/// LINKTYPE_VSOCK on tcpdump.org leaves the reserved bytes out; kernel, tcpdump and Wireshark have
/// them.)
/// **Source** linux include/uapi/linux/vsockmon.h, struct af_vsockmon_hdr.
struct VsockmonHeader {
  Address src;
  Address dst;
  MonitorOp op{};
  Transport transport{};
  std::uint16_t transportLengthBytes = 0;  ///< length of the transport's header, as claimed
  std::uint16_t reserved = 0;              ///< zero from any kernel so far
};

inline constexpr std::size_t kVsockmonHeaderBytes = 32;

[[gnu::always_inline]] inline VsockmonHeader parseVsockmonHeader(
    std::span<const std::byte, kVsockmonHeaderBytes> header) {
  return VsockmonHeader{
      .src = {Cid{le<std::uint64_t, 0>(header)}, Port{le<std::uint32_t, 16>(header)}},
      .dst = {Cid{le<std::uint64_t, 8>(header)}, Port{le<std::uint32_t, 20>(header)}},
      .op = MonitorOp{le<std::uint16_t, 24>(header)},
      .transport = Transport{le<std::uint16_t, 26>(header)},
      .transportLengthBytes = le<std::uint16_t, 28>(header),
      .reserved = le<std::uint16_t, 30>(header),
  };
}

}  // namespace vsdump
