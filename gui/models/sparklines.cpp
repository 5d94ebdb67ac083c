// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/sparklines.h"

#include <algorithm>

namespace vsdump::gui {

namespace {

constexpr std::uint32_t kNotWanted = UINT32_MAX;

}  // namespace

std::optional<Sparklines> sparklinesOf(const Trace& trace,
                                       const std::vector<std::uint32_t>& connections,
                                       const std::stop_token& stop) {
  const std::size_t count = trace.packetCount();
  if (count == 0) return Sparklines{};
  std::vector<std::uint32_t> places(trace.connections().size(), kNotWanted);
  for (std::uint32_t i = 0; i < connections.size(); ++i) places[connections[i]] = i;
  const std::int64_t first = trace.timeNs(0);
  const auto span = static_cast<double>(
      std::max<std::int64_t>(trace.timeNs(static_cast<Row>(count - 1)) - first, 1));
  std::vector<std::array<double, Sparkline::kBins>> bytes(connections.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (i % PacketChunk::kRows == 0 && stop.stop_requested()) return std::nullopt;
    const auto row = static_cast<Row>(i);
    const std::uint32_t id = raw(trace.observation(row).connection);
    if (id >= places.size() || places[id] == kNotWanted) continue;
    const std::uint32_t length = trace.streamLength(row);
    if (length == 0) continue;
    const double part = static_cast<double>(trace.timeNs(row) - first) / span;
    const auto bin = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * Sparkline::kBins);
    bytes[places[id]][std::min(bin, Sparkline::kBins - 1)] += length;
  }
  Sparklines lines;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const double most = std::ranges::max(bytes[i]);
    Sparkline& line = lines[connections[i]];
    for (std::size_t bin = 0; bin < Sparkline::kBins && most > 0; ++bin) {
      line.parts[bin] = static_cast<float>(bytes[i][bin] / most);
    }
  }
  return lines;
}

}  // namespace vsdump::gui
