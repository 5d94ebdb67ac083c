// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace vsdump {

/// A second thread that does what it is given, one thing after the other, while the first goes on.
///
/// **Threads** for one thread at a time.
class Companion {
 public:
  Companion() = default;
  /// Waits for what was given.
  ~Companion();
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  /// Starts the thread unless it runs, and returns whether it does: a system that has none to give
  /// costs speed and nothing else.
  bool start();

  /// Has it do something after what it was given before. Only where start() has returned true.
  void give(std::function<void()> task);

  /// Returns when everything that was given is done, and seen by this thread.
  void wait();

 private:
  void work();

  std::thread thread_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;  // the first is being done
  bool ends_ = false;
};

}  // namespace vsdump
