// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcapng_format.h"

#include <algorithm>
#include <limits>

namespace vsdump::pcapng {

namespace {

__extension__ typedef unsigned __int128 Uint128;
__extension__ typedef __int128 Int128;

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

std::uint64_t powerOf10(unsigned exponent) {
  std::uint64_t power = 1;
  for (unsigned i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

Clock::Clock(std::uint8_t resolution, std::int64_t offsetSeconds) : offsetSeconds_(offsetSeconds) {
  const unsigned exponent = resolution & 0x7f;
  if ((resolution & 0x80) != 0) {
    // A product of 64 and 30 bits has 94: ticks that are shorter than that never add up to 1 ns.
    constexpr unsigned kLargestShift = 93;
    multiplier_ = exponent <= kLargestShift ? kNsPerSecond : 0;
    shift_ = std::min(exponent, kLargestShift);
    finerThanMicroseconds_ = exponent >= 20;
  } else {
    constexpr unsigned kNsExponent = 9;
    constexpr unsigned kLargestPowerIn64Bits = 19;
    multiplier_ = exponent <= kNsExponent ? powerOf10(kNsExponent - exponent) : 1;
    if (exponent > kNsExponent) {
      divisor_ = powerOf10(std::min(exponent - kNsExponent, kLargestPowerIn64Bits));
    }
    if (exponent > kNsExponent + kLargestPowerIn64Bits) multiplier_ = 0;
    finerThanMicroseconds_ = exponent > 6;
  }
}

std::int64_t Clock::toNs(std::uint64_t ticks) const {
  Uint128 ns = static_cast<Uint128>(ticks) * multiplier_ >> shift_;
  if (divisor_ != 1) ns /= divisor_;
  const Int128 time =
      static_cast<Int128>(ns) + static_cast<Int128>(offsetSeconds_) * Int128{kNsPerSecond};
  constexpr Int128 kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr Int128 kLast = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp(time, kFirst, kLast));
}

}  // namespace vsdump::pcapng
