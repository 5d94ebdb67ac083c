// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/capture/file/damage.h"

#include <algorithm>

namespace vsdump::test {

namespace {

bool leavesNoTrace(const std::vector<std::size_t>& offsets, const Damage& damage) {
  if (!damage.isLost) return false;
  const auto isOffset = [&](std::size_t at) {
    return std::binary_search(offsets.begin(), offsets.end(), at);
  };
  const std::size_t lost = damage.end - damage.begin;
  const auto behind = std::upper_bound(offsets.begin(), offsets.end(), damage.begin);
  if (isOffset(*(behind - 1) + lost)) return true;
  if (behind != offsets.end() && isOffset(*behind + lost)) return true;
  // A header alone is that of a packet without bytes.
  constexpr std::size_t kHeader = 16;
  const std::size_t left = damage.begin - *(behind - 1);
  return left < kHeader && isOffset(damage.end + kHeader - left);
}

}  // namespace

bool onlyTheHitPacketsSuffer(const std::vector<Packet>& packets,
                             const std::vector<std::size_t>& offsets, const Damage& damage,
                             const Drained& drained) {
  if (!drained.error.empty()) return false;
  if (leavesNoTrace(offsets, damage)) return true;
  std::size_t found = 0;
  std::size_t strange = 0;
  auto next = packets.begin();
  for (const Packet& packet : drained.packets) {
    const auto original = std::find_if(
        next, packets.end(), [&](const Packet& candidate) { return isSame(packet, candidate); });
    if (original == packets.end()) {
      ++strange;
    } else {
      ++found;
      next = original + 1;
    }
  }
  constexpr std::size_t kEdge = 16;  // a header with bytes missing is not told from its neighbours
  std::size_t hit = 0;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    hit += offsets[i] <= damage.end + kEdge && damage.begin <= offsets[i + 1] + kEdge ? 1 : 0;
  }
  const bool isShifted = damage.isLost || damage.begin == damage.end;
  const bool isUntold = drained.state == SourceState::End;
  if (isUntold && (isShifted || found + strange != packets.size())) return false;
  return found + hit >= packets.size() && strange <= hit;
}

}  // namespace vsdump::test
