// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/relay.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

namespace vsdump {
namespace {

/// The numbers from 0 up to `count`.
std::vector<int> numbers(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Error someError(std::string reason) {
  return Error{
      .kind = ErrorKind::Io, .attempted = "try", .subject = "it", .reason = std::move(reason)};
}

/// Turns that each take the next number, work on it, and hand it out.
struct Numbers {
  explicit Numbers(int howMany) : count(howMany) {}

  Result<void> run() {
    return relay.run(
        [&](std::size_t seat) -> Result<bool> {
          EXPECT_EQ(beginning.fetch_add(1), 0);
          taken[seat] = next++;
          EXPECT_EQ(beginning.fetch_sub(1), 1);
          return next < count;
        },
        [&](Relay::Turn& turn) -> Result<bool> {
          // So that now the one thread is late and now the other.
          const int number = taken[turn.seat()];
          if (number % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds{300});
          turn.awaitEnd();
          handedOut.push_back(number);
          return number != lastWanted;
        });
  }

  Relay relay;
  int count;
  int lastWanted = -1;
  int next = 0;
  std::array<int, Relay::kSeats> taken{};
  std::atomic<int> beginning = 0;
  std::vector<int> handedOut;
};

TEST(Relay, KeepsTheOrderOfBeginningsAndOfWhatAwaitsIt) {
  Numbers turns(1000);
  ASSERT_TRUE(turns.run());
  EXPECT_EQ(turns.handedOut, numbers(1000));
}

TEST(Relay, TakesOneTurnWhereNoOtherIsToFollow) {
  Numbers turns(1);
  ASSERT_TRUE(turns.run());
  EXPECT_EQ(turns.handedOut, numbers(1));
  // And goes on when it is asked again.
  turns.count = 50;
  ASSERT_TRUE(turns.run());
  EXPECT_EQ(turns.handedOut, numbers(50));
}

TEST(Relay, BeginsNoTurnAfterTheLast) {
  Relay relay;
  int tooMany = 0;
  for (int run = 0; run < 20'000; ++run) {
    int left = 2 + run % 3;
    ASSERT_TRUE(relay.run(
        [&](std::size_t) -> Result<bool> {
          if (left == 0) ++tooMany;
          return left > 0 && --left > 0;
        },
        [](Relay::Turn&) -> Result<bool> { return true; }));
  }
  EXPECT_EQ(tooMany, 0);
}

TEST(Relay, DoesTheRestOfATurnBesideTheNextOne) {
  std::atomic<int> begun = 0;
  bool wasBeside = false;
  Relay relay;
  ASSERT_TRUE(relay.run([&](std::size_t) -> Result<bool> { return ++begun < 2; },
                        [&](Relay::Turn& turn) -> Result<bool> {
                          if (turn.seat() != 0) return true;
                          const auto limit =
                              std::chrono::steady_clock::now() + std::chrono::seconds{60};
                          while (begun < 2 && std::chrono::steady_clock::now() < limit) {
                            std::this_thread::yield();
                          }
                          wasBeside = begun == 2;
                          return true;
                        }));
  EXPECT_EQ(wasBeside, std::thread::hardware_concurrency() > 1);
}

TEST(Relay, PreparesEachTurnOfASeatThatHasHadOne) {
  constexpr int kTurns = 200;
  std::array<int, Relay::kSeats> prepared{};
  std::array<int, Relay::kSeats> begun{};
  int next = 0;
  Relay relay;
  ASSERT_TRUE(relay.run(
      [&](std::size_t seat) -> Result<bool> {
        ++begun[seat];
        EXPECT_EQ(prepared[seat], std::thread::hardware_concurrency() > 1 ? begun[seat] - 1 : 0);
        return ++next < kTurns;
      },
      [](Relay::Turn&) -> Result<bool> { return true; },
      [&](std::size_t seat) { ++prepared[seat]; }));
  EXPECT_EQ(next, kTurns);
}

TEST(Relay, EndsWhereARestWantsNoMore) {
  Numbers turns(1'000'000);
  turns.lastWanted = 100;
  ASSERT_TRUE(turns.run());
  // The turn that had begun beside it has its rest, too.
  ASSERT_GE(turns.handedOut.size(), 101U);
  EXPECT_LE(turns.handedOut.size(), 102U);
  EXPECT_EQ(turns.handedOut, numbers(static_cast<int>(turns.handedOut.size())));
}

TEST(Relay, EndsWithTheErrorOfABeginningAfterTheRestsBefore) {
  std::vector<int> handedOut;
  std::array<int, Relay::kSeats> taken{};
  int next = 0;
  Relay relay;
  const Result<void> done = relay.run(
      [&](std::size_t seat) -> Result<bool> {
        if (next == 5) return tl::unexpected(someError("the fifth"));
        taken[seat] = next++;
        return true;
      },
      [&](Relay::Turn& turn) -> Result<bool> {
        turn.awaitEnd();
        handedOut.push_back(taken[turn.seat()]);
        return true;
      });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, "the fifth");
  EXPECT_EQ(handedOut, numbers(5));
}

TEST(Relay, TellsTheFirstErrorOfRests) {
  std::array<int, Relay::kSeats> taken{};
  int next = 0;
  Relay relay;
  const Result<void> done = relay.run(
      [&](std::size_t seat) -> Result<bool> {
        taken[seat] = next++;
        return true;
      },
      [&](Relay::Turn& turn) -> Result<bool> {
        const int number = taken[turn.seat()];
        if (number >= 3) return tl::unexpected(someError(std::to_string(number)));
        return true;
      });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, "3");
  EXPECT_LE(next, 6);
}

}  // namespace
}  // namespace vsdump
