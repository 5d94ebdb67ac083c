// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dissector/wire/packet.h"

namespace vsdump {

namespace signature {

inline std::uint64_t wordAt(const std::byte* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

/// Takes one more word into a digest.
inline std::uint64_t mixed(std::uint64_t digest, std::uint64_t word) {
  return (digest ^ (digest >> 32) ^ word) * 0x9E3779B97F4A7C15;
}

}  // namespace signature

/// Tells apart what one sender sends, cheaply: the header and both ends of the payload. Nobody
/// gains by making two packets alike. `packet` is one that dissect() made of a record with a whole
/// virtio header, whose bytes stand before those of the payload.
inline std::uint32_t signatureOf(const Packet& packet) {
  const VirtioHeader& h = packet.virtio;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  // Of less than a word of payload the bytes before it, which are the header's, fill the word: so
  // no jump depends on whether there is payload, which nobody can foresee.
  const std::size_t size = packet.payload.size();
  const std::byte* const end = packet.payload.data() + size;
  std::uint64_t digest = signature::mixed(static_cast<std::uint64_t>(h.op),
                                          std::uint64_t{h.bufAlloc} << 32 | h.fwdCnt);
  digest = signature::mixed(digest, std::uint64_t{h.flags} << 32 | h.payloadLengthBytes);
  digest = signature::mixed(digest, signature::wordAt(end - std::max(size, kWord)));
  digest = signature::mixed(digest, signature::wordAt(end - kWord));
  // The upper half of a product depends on all bits of its factors.
  return static_cast<std::uint32_t>(digest >> 32);
}

/// The newest packets of a source that holds packets twice, as two taps merged into one file give
/// them: each may be recorded once more within a few milliseconds, other packets in between.
///
/// A packet pairs with one before it only once, so payload that was really sent twice counts twice.
class RecentPackets {
 public:
  /// How far apart the two records of a packet may be.
  static constexpr std::int64_t kApartNs = 5'000'000;

  /// Remembers the packet, unless it is the second record of one that is remembered.
  bool isSecond(std::uint64_t packet, std::int64_t nowNs);

  /// Whether so few packets were recorded twice that the source does not hold them twice any more.
  bool isOver() const { return isOver_; }

 private:
  struct Place {
    std::uint64_t packet = 0;
    std::int64_t timeNs = INT64_MIN;
    bool isPaired = true;
  };
  static constexpr std::size_t kPlaces = 256;

  std::array<Place, kPlaces> places_{};
  std::size_t next_ = 0;
  std::size_t paired_ = 0;  ///< of those since `next_` was 0
  bool isOver_ = false;
};

}  // namespace vsdump
