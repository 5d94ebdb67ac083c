// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace vsdump {

/// How much bytes look like a record of a vsockmon device. What is used to find packets again after
/// a damage, never to refuse one where nothing is damaged: a hostile guest may send any header.
struct Likeness {
  enum class Degree {
    None,
    Header,       ///< the header of vsockmon is as a kernel writes it, and there is no other
    BothHeaders,  ///< so is that of virtio, and the two agree with each other
  };
  Degree degree = Degree::None;

  /// With BothHeaders: the length that the whole record has by its transport header. (A host that
  /// splits a packet may have captured more.)
  std::uint32_t expectedLength = 0;

  bool isHeader() const { return degree != Degree::None; }
  bool isBothHeaders() const { return degree == Degree::BothHeaders; }
};

/// Bytes that vsockLikeness() needs at least to tell anything, and looks at, at most.
inline constexpr std::size_t kSmallestRecognised = 32;
inline constexpr std::size_t kLikenessBytes = 76;

/// `record` may be longer or shorter than a record.
Likeness vsockLikeness(std::span<const std::byte> record);

}  // namespace vsdump
