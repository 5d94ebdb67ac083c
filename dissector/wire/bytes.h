// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace vsdump {

using Bytes = std::span<const std::byte>;

/// Loads a little-endian unsigned integer of type T from `Offset` bytes into a fixed-size header.
/// An offset that reaches outside the header does not compile. Becomes one load on g++ 12 and
/// clang 14 where the target is little-endian.
template <typename T, std::size_t Offset, std::size_t N>
constexpr T le(std::span<const std::byte, N> header) {
  static_assert(Offset + sizeof(T) <= N, "the field lies outside the header");
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return static_cast<T>(((std::to_integer<std::uint64_t>(header[Offset + I]) << (8 * I)) | ...));
  }
  (std::make_index_sequence<sizeof(T)>{});
}

/// The first `count` bytes, or as many as there are.
constexpr Bytes upTo(Bytes bytes, std::size_t count) {
  return bytes.first(count < bytes.size() ? count : bytes.size());
}

}  // namespace vsdump
