// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/recent_packets.h"

#include <cstring>

namespace vsdump {

namespace {

std::uint64_t wordAt(const std::byte* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

/// Takes one more word into a digest.
std::uint64_t mixed(std::uint64_t digest, std::uint64_t word) {
  return (digest ^ (digest >> 32) ^ word) * 0x9E3779B97F4A7C15;
}

}  // namespace

std::uint32_t signatureOf(const Packet& packet) {
  const VirtioHeader& h = packet.virtio;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  // The header's ends in place of those of a short payload: which one it is decides an address and
  // no jump, as nobody can foresee whether the next packet has payload.
  const std::size_t size = packet.payload.size();
  const Bytes ends = size >= kWord ? packet.payload : packet.transportHeader;
  std::uint64_t digest =
      mixed(static_cast<std::uint64_t>(h.op), std::uint64_t{h.bufAlloc} << 32 | h.fwdCnt);
  digest = mixed(digest, std::uint64_t{h.flags} << 32 | h.payloadLengthBytes);
  digest = mixed(digest, wordAt(ends.data()));
  digest = mixed(digest, wordAt(ends.data() + ends.size() - kWord));
  if (size - 1 < kWord - 1) {
    std::uint64_t word = 0;
    std::memcpy(&word, packet.payload.data(), size);
    digest = mixed(digest, word);
  }
  // The upper half of a product depends on all bits of its factors.
  return static_cast<std::uint32_t>(digest >> 32);
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
