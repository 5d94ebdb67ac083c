// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dissector/wire/types.h"

namespace vsdump {

/// One captured record of link type VSOCK, as a capture file or a live capture hands it over.
///
/// **Lifetime** `bytes` is borrowed from whoever produced the frame (see Batch).
/// **Units** `timestampNs` counts nanoseconds since 1970-01-01 UTC; `wireLengthBytes` is the length
/// of the record before the snapshot length cut it; `bytes.size()` is the captured length. The two
/// lengths are independent values from a file and may contradict each other.
struct Frame {
  std::span<const std::byte> bytes{};
  std::int64_t timestampNs = 0;
  FrameNumber number{};
  std::uint32_t wireLengthBytes = 0;
  /// Index into PacketSource::interfaces(): captures of the same traffic are told apart by it.
  std::uint32_t interfaceIndex = 0;
};

}  // namespace vsdump
