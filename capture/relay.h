// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

#include "capture/companion.h"
#include "capture/error.h"

namespace vsdump {

/// Two threads that take turns with the batches of a capture.
///
/// A turn begins with what has to come in order, as finding the packets does. While the other
/// thread begins the next turn it does the rest, of which a part in the middle (following
/// connections) and the end (writing) may have to be in order, too. A thread does the whole of its
/// turn: what it has read is in the cache of its processor, and to hand each batch from thread to
/// thread costs more than the work on it.
///
/// **Threads** run() for one thread at a time.
class Relay {
 public:
  static constexpr std::size_t kSeats = 2;

  /// The rest of a turn.
  class Turn {
   public:
    /// 0 or 1. Two turns that are under way at once have different ones.
    std::size_t seat() const { return seat_; }

    /// Does the part in the middle once the turns before have done theirs, and returns what it
    /// does. At most once in a turn.
    template <typename Part>
    auto inOrder(const Part& part) {
      relay_.await(seat_, [&] { return relay_.middles_ == number_; });
      auto result = part();
      passMiddle();
      return result;
    }

    /// Returns when the turns before are over.
    void awaitEnd() const {
      relay_.await(seat_, [&] { return relay_.ends_ == number_; });
    }

   private:
    friend class Relay;
    Turn(Relay& relay, std::uint64_t number, std::size_t seat)
        : relay_(relay), number_(number), seat_(seat) {}

    void passMiddle();

    Relay& relay_;
    std::uint64_t number_;
    std::size_t seat_;
    bool hasPassed_ = false;  // the middle
  };

  /// Makes the beginning of a turn in a seat: whether the next one may follow at once.
  using Begin = std::function<Result<bool>(std::size_t seat)>;
  /// Does what needs no order before the beginning of a turn whose seat has had one before.
  using Prepare = std::function<void(std::size_t seat)>;
  /// Does the rest: whether further turns are wanted. One that has begun gets its rest all the
  /// same.
  using Finish = std::function<Result<bool>(Turn& turn)>;

  Relay();

  /// Takes turns until one says that none is to follow, and returns when all are over. Where there
  /// is one turn only, or one processor, or no second thread to be had, this thread does it all.
  /// **Errors** the first of a turn, unless an earlier one wanted no further turns; there are none
  /// then.
  Result<void> run(const Begin& begin, const Finish& finish, const Prepare& prepare = {});

 private:
  /// How long a thread looks again and again before it sleeps: at most about twice as long as it
  /// takes to write a turn to memory.
  static constexpr std::chrono::nanoseconds kShortestLook{500};
  static constexpr std::chrono::nanoseconds kLongestLook{400'000};
  static constexpr std::uint64_t kSleepsPerTrial = 256;

  struct Parts {
    const Begin& begin;
    const Finish& finish;
    const Prepare& prepare;
  };

  void takeTurns(std::size_t seat, const Parts& parts);

  /// Returns when it is so. Where the other thread is at work on the other processor, it will be so
  /// in no time, and who sleeps is woken late; where others want the processor, who looks keeps it
  /// from whom it waits for. What has paid the last times tells which, and once in many sleeps it
  /// is tried whether that has changed.
  template <typename Condition>
  void await(std::size_t seat, const Condition& isSo) {
    if (isSo()) return;
    std::chrono::nanoseconds& look = looks_[seat];
    const auto until = std::chrono::steady_clock::now() + look;
    do {
      if (isSo()) {
        look = std::min(2 * look, kLongestLook);
        return;
      }
    } while (std::chrono::steady_clock::now() < until);
    const bool isTrialNext = ++sleeps_[seat] % kSleepsPerTrial == 0;
    look = isTrialNext ? kLongestLook : std::max(look / 2, kShortestLook);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, isSo);
  }

  /// Makes something so.
  template <typename Change>
  void change(const Change& make) {
    {
      const std::lock_guard lock(mutex_);
      make();
    }
    changed_.notify_all();
  }

  void end(Turn& turn, Result<bool> finished);

  bool mayShare_;
  bool isShared_ = false;  // whether the second thread takes part; for both to read
  /// Each its thread's.
  std::array<std::chrono::nanoseconds, kSeats> looks_{kLongestLook, kLongestLook};
  std::array<std::uint64_t, kSeats> sleeps_{};
  std::mutex mutex_;  // of changes to what follows
  std::condition_variable changed_;
  // How many turns have begun, have passed their middle, and are over.
  std::atomic<std::uint64_t> begins_ = 0;
  std::atomic<std::uint64_t> middles_ = 0;
  std::atomic<std::uint64_t> ends_ = 0;
  std::atomic<bool> isLast_ = false;  // no turn is begun any more
  bool isEnough_ = false;             // one that is over wanted no more
  Result<void> problem_;
  Companion companion_;  // ends before what it works with
};

}  // namespace vsdump
