// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "capture/error.h"
#include "cli/text/line_buffer.h"

namespace vsdump {

/// Text on its way to a descriptor: filled by printers, written in large pieces.
///
/// Once a large piece has come together, a thread of its own writes it while the next one is being
/// filled; there is never more than one on its way, so that the order is that of filling. Who
/// prints little, or flushes each line, has no such thread.
///
/// A reader that goes away is no error: closed() then says so and nothing more is written.
///
/// **Threads** for one thread at a time; the one that writes is its own affair.
class Output {
 public:
  /// **Lifetime** the descriptor stays the caller's. `name` is for messages: "standard output".
  Output(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  /// Waits for what is on its way; what was not flushed is lost.
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  LineBuffer& buffer() { return buffer_; }

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

  bool closed() const { return isClosed_.load(std::memory_order_relaxed); }

 private:
  /// So large that handing it over costs nothing, and small enough to stay in the cache.
  static constexpr std::size_t kLargeBytes = std::size_t{64} * 1024;

  Result<void> handOver();
  bool startThread();
  void writeWhatComes();
  void waitUntilWritten();
  Result<void> takeProblem();
  int write(std::string_view text);

  int descriptor_;
  std::string name_;
  LineBuffer buffer_;
  std::atomic<bool> isClosed_ = false;
  int problem_ = 0;  ///< errno's value of a failed write that was not told yet

  std::thread thread_;  ///< runs from the first large piece on
  std::mutex mutex_;    ///< of what follows, and of problem_ while the thread runs
  std::condition_variable changed_;
  LineBuffer onItsWay_;  ///< the thread's while isOnItsWay_
  bool isOnItsWay_ = false;
  bool ends_ = false;
};

}  // namespace vsdump
