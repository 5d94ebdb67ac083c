// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dissector/wire/bytes.h"

namespace vsdump::payload {

/// The same bytes as characters.
inline std::string_view textOf(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads fields one after the other. A read that goes beyond the end gives zero or nothing, and
/// from then on the cursor is not ok(): check once, after the last field.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(bigEndian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(bigEndian(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(bigEndian(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(bigEndian(4)); }
  std::uint64_t u64() { return bigEndian(8); }
  std::uint16_t u16le() { return static_cast<std::uint16_t>(littleEndian(2)); }
  std::uint32_t u32le() { return static_cast<std::uint32_t>(littleEndian(4)); }
  std::uint64_t u64le() { return littleEndian(8); }

  Bytes bytes(std::size_t count) {
    if (count > rest_.size()) {
      isOk_ = false;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::string_view text(std::size_t count) { return textOf(bytes(count)); }

  Bytes rest() const { return rest_; }
  bool isOk() const { return isOk_; }

 private:
  std::uint64_t bigEndian(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::byte byte : bytes(size)) {
      value = value << 8 | std::to_integer<std::uint64_t>(byte);
    }
    return value;
  }
  std::uint64_t littleEndian(std::size_t size) {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const std::byte byte : bytes(size)) {
      value |= std::to_integer<std::uint64_t>(byte) << shift;
      shift += 8;
    }
    return value;
  }

  Bytes rest_;
  bool isOk_ = true;
};

}  // namespace vsdump::payload
