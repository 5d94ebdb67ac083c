// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>

namespace vsdump {

/// The numbers 0, 1, 2, ... up to a count, of which each is drawn once, by whichever thread comes.
///
/// **Threads** draw() for any; reset() while nobody draws.
class Tickets {
 public:
  void reset(std::size_t count) {
    count_ = count;
    drawn_.store(0, std::memory_order_relaxed);
  }

  /// The next number. None once all are drawn.
  std::optional<std::size_t> draw() {
    const std::size_t next = drawn_.fetch_add(1, std::memory_order_relaxed);
    return next < count_ ? std::optional(next) : std::nullopt;
  }

 private:
  std::size_t count_ = 0;
  std::atomic<std::size_t> drawn_ = 0;
};

}  // namespace vsdump
