// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// The bytes of packets that are asked for in order. Records lie one behind the other in the store,
/// so reading many at once is as good as mapping.
class FrameWindow {
 public:
  /// **Lifetime** borrows the trace.
  explicit FrameWindow(const Trace& trace);

  /// A packet as it was captured. **Lifetime** until the next call.
  Frame frame(Row packet);

 private:
  std::span<const std::byte> at(std::uint64_t offset, std::size_t length);

  const Trace& trace_;
  std::vector<std::byte> bytes_;
  std::uint64_t start_ = 0;
  std::size_t size_ = 0;
};

}  // namespace vsdump::gui
