// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace vsdump {

namespace {

constexpr std::chrono::milliseconds kDelay{1000};
constexpr std::chrono::milliseconds kInterval{200};
constexpr std::chrono::milliseconds kTallyInterval{1000};

}  // namespace

Progress::Progress(bool isWanted)
    : isWanted_(isWanted && ::isatty(STDERR_FILENO) == 1), next_(Clock::now() + kDelay) {}

void Progress::update(std::optional<double> part) {
  if (!isWanted_) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + kInterval;
  if (!part) return;
  isShown_ = true;
  fmt::print(stderr, "\r{:3.0f} % read", *part * 100);
  std::fflush(stderr);
}

void Progress::erase() {
  if (!isShown_) return;
  isShown_ = false;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

CaptureTally::CaptureTally(bool isWanted)
    : isWanted_(isWanted), next_(Clock::now() + kTallyInterval) {}

void CaptureTally::update(std::uint64_t captured) {
  if (!isWanted_) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + kTallyInterval;
  fmt::print(stderr, "Got {}\r", captured);
  std::fflush(stderr);
}

}  // namespace vsdump
