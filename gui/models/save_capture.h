// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// Which packets are saved; empty: all of them.
using RowPredicate = std::function<bool(Row)>;

/// Those of a list, which is in order; null stands for all.
RowPredicate predicateOf(Rows rows);

/// Writes packets of a trace to a pcapng file, in their order and byte for byte, with the
/// interfaces that they came from, their counters and the comments. A name that ends in .gz or .zst
/// has it compressed. The file appears when it is whole: it may replace one that is being read.
///
/// Returns how many packets there are in it. `progress` goes from 0 to 1.
/// **Errors** Io; a stopped save leaves nothing and says 0.
Result<std::size_t> saveCapture(const Trace& trace, const RowPredicate& isWanted,
                                const std::string& path, std::atomic<double>& progress,
                                const std::stop_token& stop);

}  // namespace vsdump::gui
