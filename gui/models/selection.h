// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "dissector/filter/filter.h"
#include "gui/models/trace.h"

namespace vsdump::gui {

/// What a filter has selected from a trace.
struct Selected {
  Rows rows;
  std::vector<std::uint32_t> connections;  ///< those of these packets, sorted
  std::size_t packets = 0;                 ///< of so many
};

/// A part of the time of a trace, both ends included.
struct TimeRange {
  std::int64_t fromNs = 0;
  std::int64_t toNs = 0;

  bool has(std::int64_t timeNs) const { return timeNs >= fromNs && timeNs <= toNs; }
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

/// Runs a filter over all packets of a trace, or of one of its sources; what it asks about
/// connections is what became of them in the whole trace. None when it was stopped.
///
/// `before` is what the same filter has selected when the trace was shorter: it goes on from there,
/// unless what has come since may change what packets before it are.
std::optional<Selected> select(const Trace& trace, const filter::Filter& filter,
                               std::optional<std::uint16_t> source, const std::stop_token& stop,
                               const std::optional<Selected>& before = std::nullopt);

/// What of a selection, or of all for none, is within a time. None when it was stopped.
std::optional<Selected> narrowed(const Trace& trace, const std::optional<Selected>& selected,
                                 const TimeRange& range, const std::stop_token& stop);

/// The packets of some connections, of those that were selected before; null for none selected.
/// None when it was stopped.
std::optional<Rows> rowsOf(const Trace& trace, const std::vector<std::uint32_t>& connections,
                           const Rows& within, const std::stop_token& stop);

}  // namespace vsdump::gui
