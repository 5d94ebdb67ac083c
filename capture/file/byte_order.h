// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace vsdump {

/// Loads the integers of a capture file, which are in the byte order of the machine that wrote it.
struct ByteOrder {
  bool swapped = false;  ///< whether that machine's order is not this one's

  std::uint16_t u16(const std::byte* at) const {
    const auto value = load<std::uint16_t>(at);
    return swapped ? __builtin_bswap16(value) : value;
  }
  std::uint32_t u32(const std::byte* at) const {
    const auto value = load<std::uint32_t>(at);
    return swapped ? __builtin_bswap32(value) : value;
  }
  std::uint64_t u64(const std::byte* at) const {
    const auto value = load<std::uint64_t>(at);
    return swapped ? __builtin_bswap64(value) : value;
  }

 private:
  template <typename Integer>
  static Integer load(const std::byte* at) {
    Integer value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
};

}  // namespace vsdump
