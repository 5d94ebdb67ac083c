// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dissector/wire/bytes.h"
#include "dissector/wire/types.h"

namespace vsdump {

/// The socket type of a packet. Any other 16-bit value can occur.
/// **Source** linux include/uapi/linux/virtio_vsock.h, enum virtio_vsock_type; Dgram is what
/// libkrun uses and what was proposed to the virtio specification.
enum class VirtioType : std::uint16_t {
  Stream = 1,
  Seqpacket = 2,
  Dgram = 3,
};

/// What a packet asks of the connection. Any other 16-bit value can occur.
/// **Source** linux include/uapi/linux/virtio_vsock.h, enum virtio_vsock_op; 8 to 11 are private to
/// version 1 of libkrun's TSI (libkrunfw patches/0003).
enum class VirtioOp : std::uint16_t {
  Invalid = 0,
  Request = 1,
  Response = 2,
  Rst = 3,
  Shutdown = 4,
  Rw = 5,
  CreditUpdate = 6,
  CreditRequest = 7,
  TsiRequestEx = 8,
  TsiWrapListen = 9,
  TsiWrapClose = 10,
  TsiResponseEx = 11,
};

/// Bits of VirtioHeader::flags on SHUTDOWN. **Source** enum virtio_vsock_shutdown.
inline constexpr std::uint32_t kShutdownReceive = 1;
inline constexpr std::uint32_t kShutdownSend = 2;

/// Bits of VirtioHeader::flags on RW of a SEQPACKET socket. **Source** enum virtio_vsock_rw.
/// (Linux 5.14, and it alone, had one flag: bit 0 ended a record.)
inline constexpr std::uint32_t kSeqpacketEndOfMessage = 1;
inline constexpr std::uint32_t kSeqpacketEndOfRecord = 2;

/// The header of a virtio-vsock packet.
/// **Source** linux include/uapi/linux/virtio_vsock.h, struct virtio_vsock_hdr (packed).
struct VirtioHeader {
  Address src;
  Address dst;
  std::uint32_t payloadLengthBytes = 0;  ///< `len`: payload bytes of this packet
  VirtioType type{};
  VirtioOp op{};
  std::uint32_t flags = 0;
  std::uint32_t bufAlloc = 0;  ///< bytes of receive buffer that the sender of this packet has
  std::uint32_t fwdCnt = 0;    ///< bytes that it has consumed so far, modulo 2^32
};

inline constexpr std::size_t kVirtioHeaderBytes = 44;

[[gnu::always_inline]] inline VirtioHeader parseVirtioHeader(
    std::span<const std::byte, kVirtioHeaderBytes> header) {
  return VirtioHeader{
      .src = {Cid{le<std::uint64_t, 0>(header)}, Port{le<std::uint32_t, 16>(header)}},
      .dst = {Cid{le<std::uint64_t, 8>(header)}, Port{le<std::uint32_t, 20>(header)}},
      .payloadLengthBytes = le<std::uint32_t, 24>(header),
      .type = VirtioType{le<std::uint16_t, 28>(header)},
      .op = VirtioOp{le<std::uint16_t, 30>(header)},
      .flags = le<std::uint32_t, 32>(header),
      .bufAlloc = le<std::uint32_t, 36>(header),
      .fwdCnt = le<std::uint32_t, 40>(header),
  };
}

}  // namespace vsdump
