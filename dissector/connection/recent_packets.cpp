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

/// Two factors to one value that depends on all bits of both.
std::uint64_t folded(std::uint64_t a, std::uint64_t b) {
  __extension__ const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::uint32_t signatureOf(const Packet& packet) {
  const VirtioHeader& h = packet.virtio;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  // The header's ends in place of those of a short payload: which one it is decides an address and
  // no jump, as nobody can foresee whether the next packet has payload.
  const std::size_t size = packet.payload.size();
  const Bytes ends = size >= kWord ? packet.payload : packet.transportHeader;
  std::uint64_t mixed =
      folded((std::uint64_t{h.bufAlloc} << 32 | h.fwdCnt) ^ 0x9E3779B97F4A7C15,
             (std::uint64_t{h.flags} << 32 | h.payloadLengthBytes) ^ 0xC2B2AE3D27D4EB4F) +
      folded(wordAt(ends.data()) ^ 0xA0761D6478BD642F,
             wordAt(ends.data() + ends.size() - kWord) ^ 0xE7037ED1A0B428DB) +
      static_cast<std::uint64_t>(h.op) * 0xD6E8FEB86659FD93;
  if (size - 1 < kWord - 1) {
    std::uint64_t value = 0;
    std::memcpy(&value, packet.payload.data(), size);
    mixed += folded(value ^ 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3 ^ size);
  }
  return static_cast<std::uint32_t>(mixed ^ (mixed >> 32));
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
