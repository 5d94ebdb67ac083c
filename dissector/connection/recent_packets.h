// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dissector/wire/packet.h"

namespace vsdump {

/// Tells apart what one sender sends, cheaply: the header and both ends of the payload. Of a packet
/// with a whole virtio header. Nobody gains by making two packets alike.
std::uint32_t signatureOf(const Packet& packet);

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
