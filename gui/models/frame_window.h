// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// Reads the packets of a trace again, one after the other: records lie one behind the other in
/// their store, so reading many at once is as good as mapping.
class FrameWindow {
 public:
  /// **Lifetime** borrows the trace.
  explicit FrameWindow(const Trace& trace) : trace_(trace), pieces_(trace.sources().size()) {}

  /// **Lifetime** the frame's bytes are valid until the next call.
  Frame frame(Row row);

 private:
  /// What was read last of a store.
  struct Piece {
    std::vector<std::byte> bytes;
    std::uint64_t start = 0;
    std::size_t size = 0;
  };

  std::span<const std::byte> bytesOf(Row row);

  const Trace& trace_;
  std::vector<Piece> pieces_;  ///< by source
};

}  // namespace vsdump::gui
