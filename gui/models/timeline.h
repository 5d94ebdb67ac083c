// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <stop_token>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// Curves over time, ready to be drawn.
///
/// **Units** seconds since the first packet of the trace; KiB and KiB a second.
struct Timeline {
  std::vector<double> binSeconds;                    ///< the middle of each interval
  std::array<std::vector<double>, 2> rateKiB;        ///< by Direction, one an interval
  std::array<std::vector<double>, 2> creditSeconds;  ///< of the sender's packets
  std::array<std::vector<double>, 2> creditKiB;      ///< left after each, or the least of several
  /// Packets with payload that the receiver has not read up to; only of one connection.
  std::array<std::vector<double>, 2> inFlightSeconds;
  std::array<std::vector<double>, 2> inFlight;
  /// The times without credit, from and to; only of one connection.
  std::vector<std::array<double, 2>> stallSeconds;
};

/// The curves of these packets, in their order. Credit and stalls only where all are of one
/// connection. What is returned after a stop is of no use.
Timeline timelineOf(const Trace& trace, const Rows& rows, const std::stop_token& stop);

}  // namespace vsdump::gui
