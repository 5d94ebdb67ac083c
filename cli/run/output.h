// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/uio.h>

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "capture/companion.h"
#include "capture/error.h"
#include "cli/text/line_buffer.h"

namespace vsdump {

/// Text on its way to a descriptor: filled by printers, written in large pieces.
///
/// Once a large piece has come together, a companion writes it while the next one is being filled;
/// there is never more than one on its way, so that the order is that of filling. Who prints
/// little, or flushes each line, has none. What was not flushed at the end is lost.
///
/// A reader that goes away is no error: closed() then says so and nothing more is written.
///
/// **Threads** for one thread at a time; the companion is its own affair.
class Output {
 public:
  /// **Lifetime** the descriptor stays the caller's. `name` is for messages: "standard output".
  Output(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  LineBuffer& buffer() { return buffer_; }

  /// Who writes, and has time for other things in between.
  Companion& companion() { return companion_; }

  /// Writes everything, and returns when all is written.
  /// **Errors** Io, also for a piece that was on its way.
  Result<void> flush();

  /// Whether a good deal has come together.
  bool isLarge() const { return buffer_.size() >= kLargeBytes; }

  /// Writes everything once a good deal has come together, perhaps later.
  /// **Errors** Io, also for the piece before.
  Result<void> flushIfLarge() {
    if (!isLarge()) return {};
    return handOver();
  }

  /// Writes these texts behind the buffer's, perhaps later, and gives empty ones for them. Only
  /// while the companion runs.
  /// **Errors** Io, also for a piece before.
  Result<void> handOver(std::vector<LineBuffer>& texts);

  bool closed() const { return isClosed_.load(std::memory_order_relaxed); }

 private:
  /// So large that handing it over costs nothing, and small enough to stay in the cache.
  static constexpr std::size_t kLargeBytes = std::size_t{64} * 1024;

  Result<void> handOver();
  void startWriting();
  Result<void> takeProblem();
  int write(std::span<LineBuffer> texts);
  int write(std::span<iovec> pieces);

  int descriptor_;
  std::string name_;
  LineBuffer buffer_;
  std::atomic<bool> isClosed_ = false;
  // The companion's until it is waited for:
  int problem_ = 0;  ///< errno's value of a failed write that was not told yet
  std::vector<LineBuffer> onItsWay_;
  Companion companion_;  ///< ends before what it works with
};

}  // namespace vsdump
