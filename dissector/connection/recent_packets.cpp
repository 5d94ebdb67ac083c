// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/recent_packets.h"

namespace vsdump {

bool RecentPackets::isSecond(std::uint64_t packet, std::int64_t nowNs) {
  // The oldest first: of equal packets the first record pairs with the first copy.
  for (std::size_t i = 0; i < kPlaces; ++i) {
    Place& place = places_[(next_ + i) % kPlaces];
    if (place.isPaired || place.packet != packet || nowNs - place.timeNs > kApartNs) continue;
    place.isPaired = true;
    ++paired_;
    return true;
  }
  places_[next_] = {packet, nowNs, false};
  if (++next_ == kPlaces) {
    isOver_ = paired_ < kPlaces / 4;
    next_ = paired_ = 0;
  }
  return false;
}

}  // namespace vsdump
