// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// The payload of a connection over the time of the whole capture, both ways together.
struct Sparkline {
  static constexpr std::size_t kBins = 24;
  std::array<float, kBins> parts{};  ///< of the largest one: 0 to 1
};

using Sparklines = std::unordered_map<std::uint32_t, Sparkline>;  ///< by ConnectionId

/// The lines of these connections, made in one go over all packets. None when it was stopped.
std::optional<Sparklines> sparklinesOf(const Trace& trace,
                                       const std::vector<std::uint32_t>& connections,
                                       const std::stop_token& stop);

}  // namespace vsdump::gui
