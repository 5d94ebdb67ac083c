// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// Reads hostile bytes from front to back. A header is checked once as a whole and then read with
/// le() at compile-time offsets.
///
/// **Lifetime** borrows the bytes; so do the spans that it hands out.
class Cursor {
 public:
  explicit constexpr Cursor(Bytes bytes) : rest_(bytes) {}

  /// The next N bytes, or nothing (and no progress) when fewer are left.
  template <std::size_t N>
  constexpr std::optional<std::span<const std::byte, N>> take() {
    if (rest_.size() < N) return std::nullopt;
    const auto header = rest_.template first<N>();
    rest_ = rest_.subspan(N);
    return header;
  }

  /// The next `count` bytes, or as many as are left.
  constexpr Bytes takeUpTo(std::size_t count) {
    const Bytes taken = rest_.first(count < rest_.size() ? count : rest_.size());
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  constexpr Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

}  // namespace vsdump
