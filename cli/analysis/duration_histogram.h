// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vsdump {

/// Percentiles of any number of durations in constant memory, exact to a sixteenth.
class DurationHistogram {
 public:
  void add(std::uint64_t nanoseconds) {
    ++places_[placeOf(nanoseconds)];
    ++count_;
  }

  std::uint64_t count() const { return count_; }

  /// A duration that `percent` of all do not exceed; 0 without any.
  std::uint64_t percentile(std::uint64_t percent) const {
    if (count_ == 0) return 0;
    const std::uint64_t rank = (count_ * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t place = 0; place < places_.size(); ++place) {
      seen += places_[place];
      if (seen >= rank && seen != 0) return upperEndOf(place);
    }
    return 0;
  }

 private:
  static constexpr unsigned kBits = 4;  // of a number behind its leading one
  static constexpr std::uint64_t kSteps = 1U << kBits;

  static std::size_t placeOf(std::uint64_t value) {
    if (value < kSteps) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return static_cast<std::size_t>((shift + 1) * kSteps + ((value >> shift) - kSteps));
  }

  static std::uint64_t upperEndOf(std::size_t place) {
    if (place < kSteps) return place;
    const auto shift = static_cast<unsigned>(place / kSteps - 1);
    const std::uint64_t leading = kSteps + place % kSteps;
    return (leading << shift) + ((std::uint64_t{1} << shift) - 1);
  }

  std::array<std::uint32_t, (64 - kBits + 1) * kSteps> places_{};
  std::uint64_t count_ = 0;
};

}  // namespace vsdump
