// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace vsdump {

/// How many bytes from a place on `mayBegin` of nextPlace() looks at, at most.
inline constexpr std::size_t kPlaceBytes = 16;

/// The first of the places from `at` on where something may begin, or where too few bytes are there
/// to tell; `end` where none is before it. `end` is not behind the bytes.
///
/// `mayBegin` gets the address of a place. Of one without branches the compiler makes code that
/// looks at many places at once: it is for ruling out almost all of them, and not for the decision.
template <typename MayBegin>
std::size_t nextPlace(std::span<const std::byte> bytes, std::size_t at, std::size_t end,
                      MayBegin mayBegin) {
  constexpr std::size_t kBlock = 64;
  for (; at < end; ++at) {
    while (at % kBlock == 0 && bytes.size() - at >= kBlock + kPlaceBytes) {
      unsigned char any = 0;
      for (std::size_t i = 0; i < kBlock; ++i) {
        any = static_cast<unsigned char>(any | mayBegin(bytes.data() + at + i));
      }
      if (any != 0) break;
      at += kBlock;
    }
    if (at >= end) return end;
    if (bytes.size() - at < kPlaceBytes || mayBegin(bytes.data() + at)) return at;
  }
  return end;
}

}  // namespace vsdump
