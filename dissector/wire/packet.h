// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "dissector/wire/anomaly.h"
#include "dissector/wire/bytes.h"
#include "dissector/wire/frame.h"
#include "dissector/wire/virtio.h"
#include "dissector/wire/vsockmon.h"

namespace vsdump {

/// How far a record could be decoded.
enum class Decoded : std::uint8_t {
  Nothing,   ///< shorter than a vsockmon header
  Vsockmon,  ///< `monitor` is valid; the transport is not virtio, or its header is cut short
  Virtio,    ///< `monitor` and `virtio` are valid
};

/// What a single record says, without any knowledge of the records around it.
///
/// **Lifetime** `transportHeader` and `payload` borrow the frame's bytes.
struct Packet {
  // Empty, member by member: what is filled anyway need not be cleared before.
  Packet() {}

  VsockmonHeader monitor{};
  VirtioHeader virtio{};
  Bytes transportHeader{};  ///< the bytes at hand of the transport's header
  /// The payload bytes at hand. At most `payloadLengthBytes`; fewer under a small snapshot length.
  Bytes payload{};
  /// The payload bytes that the packet carried: what virtio announces, or what the record had on
  /// the wire if that is less. The tap's excess is not in it. 0 where the virtio header is missing.
  std::uint32_t payloadLengthBytes = 0;
  Decoded decoded = Decoded::Nothing;
  Anomalies anomalies{};
};

/// Decodes one record. Total: every input gives a Packet, nothing is read outside `frame.bytes`,
/// nothing is allocated or thrown.
///
/// On kernels 6.7 to 7.0 the fragments of a packet that vhost splits repeat the payload from its
/// first byte; telling them apart needs the packets before, so `payload` is then the right number
/// of bytes from the wrong place. The connection tracker corrects it.
Packet dissect(const Frame& frame);

/// Whether packets of this op carry payload. TSI's REQUEST_EX, WRAP_* and RESPONSE_EX carry a
/// socket address.
bool carriesPayload(VirtioOp op);

/// The vsockmon op that the kernel's tap derives from a virtio op.
/// **Source** linux net/vmw_vsock/virtio_transport_common.c, virtio_transport_build_skb().
MonitorOp monitorOpOf(VirtioOp op);

}  // namespace vsdump
