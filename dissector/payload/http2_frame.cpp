// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/http2_frame.h"

#include "dissector/payload/cursor.h"

namespace vsdump::payload::http2 {

bool FrameHeader::isLikely() const {
  constexpr std::uint32_t kLongestFrame = 1U << 20;  // 16 KiB unless both sides agree on more

  if (length > kLongestFrame || isReserved) return false;
  switch (type) {
    case kData:
    case kHeaders:
    case kContinuation:
    case kPush:
      return stream != 0;
    case kPriority:
      return stream != 0 && length == 5;
    case kReset:
      return stream != 0 && length == 4;
    case kSettings:
      return stream == 0 && length % 6 == 0 && flags <= 1;
    case kPing:
      return stream == 0 && length == 8 && flags <= 1;
    case kGoAway:
      return stream == 0 && length >= 8;
    case kWindow:
      return length == 4;
    default:
      return true;  // others are to be passed over
  }
}

FrameHeader headerOf(Bytes bytes) {
  Cursor cursor(bytes);
  FrameHeader header;
  header.length = cursor.u24();
  header.type = cursor.u8();
  header.flags = cursor.u8();
  const std::uint32_t stream = cursor.u32();
  header.stream = stream & 0x7FFFFFFF;
  header.isReserved = stream >> 31 != 0;
  return header;
}

}  // namespace vsdump::payload::http2
