// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/relay.h"

#include <thread>
#include <utility>

namespace vsdump {

// Asked here, and not in run(): how many processors there are is read from a file.
Relay::Relay() : mayShare_(std::thread::hardware_concurrency() > 1) {}

Result<void> Relay::run(const Begin& begin, const Finish& finish, const Prepare& prepare) {
  begins_ = 0;
  middles_ = 0;
  ends_ = 0;
  isLast_ = false;
  isEnough_ = isShared_ = false;
  const Parts parts{.begin = begin, .finish = finish, .prepare = prepare};
  takeTurns(0, parts);
  companion_.wait();
  return std::exchange(problem_, {});
}

void Relay::takeTurns(std::size_t seat, const Parts& parts) {
  for (std::uint64_t number = seat;; number += isShared_ ? kSeats : 1) {
    if (isShared_ && number >= kSeats && !isLast_ && parts.prepare) parts.prepare(seat);
    await(seat, [&] { return isLast_ || begins_ == number; });
    if (isLast_) return;
    Result<bool> begun = parts.begin(seat);
    // The first turn has shown that there are more.
    if (begun && *begun && mayShare_ && !isShared_ && companion_.start()) {
      isShared_ = true;
      companion_.give([this, &parts] { takeTurns(1, parts); });
    }
    change([&] {
      // Before that one has begun can be seen, or the other thread might begin one more.
      if (!begun || !*begun) isLast_ = true;
      ++begins_;
    });

    Turn turn(*this, number, seat);
    end(turn, begun ? parts.finish(turn) : std::move(begun));
  }
}

void Relay::Turn::passMiddle() {
  hasPassed_ = true;
  relay_.change([&] { ++relay_.middles_; });
}

/// The first turn that wants no more, or fails, is the last that counts.
void Relay::end(Turn& turn, Result<bool> finished) {
  turn.awaitEnd();
  if (!turn.hasPassed_) turn.passMiddle();
  change([&] {
    if (!finished && !isEnough_) problem_ = tl::unexpected(std::move(finished.error()));
    isEnough_ |= !finished || !*finished;
    if (isEnough_) isLast_ = true;
    ++ends_;
  });
}

}  // namespace vsdump
