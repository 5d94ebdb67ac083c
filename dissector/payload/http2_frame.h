// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "dissector/wire/bytes.h"

namespace vsdump::payload::http2 {

enum Type : std::uint8_t {
  kData,
  kHeaders,
  kPriority,
  kReset,
  kSettings,
  kPush,
  kPing,
  kGoAway,
  kWindow,
  kContinuation,
};
inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kEndHeaders = 4;
inline constexpr std::uint8_t kPadded = 8;
inline constexpr std::uint8_t kHasPriority = 0x20;
inline constexpr std::size_t kHeaderBytes = 9;

/// What stands before each frame of HTTP/2. **Source** RFC 9113, section 4.1.
struct FrameHeader {
  std::uint32_t length = 0;
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  bool isReserved = false;  ///< a bit that senders leave 0

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  /// Whether the length and the stream fit the type.
  bool isLikely() const;
};

/// The first kHeaderBytes of `bytes`.
FrameHeader headerOf(Bytes bytes);

}  // namespace vsdump::payload::http2
