// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/recent_packets.h"

#include <algorithm>
#include <cstring>

namespace vsdump {

namespace {

/// The first eight bytes; fewer are filled up with zeros.
std::uint64_t wordAt(Bytes bytes) {
  std::uint64_t value = 0;
  if (bytes.size() >= sizeof(value)) {
    std::memcpy(&value, bytes.data(), sizeof(value));  // of a size that the compiler knows
  } else if (!bytes.empty()) {
    std::memcpy(&value, bytes.data(), bytes.size());
  }
  return value;
}

}  // namespace

std::uint32_t signatureOf(const Packet& packet) {
  const VirtioHeader& h = packet.virtio;
  std::uint64_t mixed = (std::uint64_t{h.bufAlloc} << 32 | h.fwdCnt) * 0x9E3779B97F4A7C15 +
                        (std::uint64_t{h.flags} << 32 | h.payloadLengthBytes) * 0xC2B2AE3D27D4EB4F +
                        static_cast<std::uint64_t>(h.op) * 0xD6E8FEB86659FD93;
  if (!packet.payload.empty()) {
    const std::size_t tail = std::min<std::size_t>(packet.payload.size(), sizeof(std::uint64_t));
    mixed += wordAt(packet.payload) * 0xA0761D6478BD642F +
             wordAt(packet.payload.last(tail)) * 0xE7037ED1A0B428DB;
  }
  // The upper half of a product depends on all bits of its factor, but for the last step.
  return static_cast<std::uint32_t>((mixed ^ (mixed >> 29)) * 0x9E3779B97F4A7C15 >> 32);
}

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
