// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace vsdump {

/// How values are spread, in constant memory: each is kept to within 3 %.
class Percentiles {
 public:
  void add(std::uint64_t value) {
    ++counts_[placeOf(value)];
    ++total_;
  }

  /// The least value that so many percent of all do not exceed; 0 without any.
  std::uint64_t notAbove(unsigned percent) const {
    std::uint64_t left = (total_ * percent + 99) / 100;
    for (std::size_t place = 0; place < counts_.size() && left != 0; ++place) {
      if (counts_[place] >= left) return valueAt(place);
      left -= counts_[place];
    }
    return 0;
  }

 private:
  static constexpr unsigned kBits = 5;  ///< of a value that are kept below its first
  static constexpr std::size_t kParts = std::size_t{1} << kBits;

  static std::size_t placeOf(std::uint64_t value) {
    if (value < kParts) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return (shift + 1) * kParts + ((value >> shift) - kParts);
  }
  static std::uint64_t valueAt(std::size_t place) {
    if (place < kParts) return place;
    return (kParts + place % kParts) << (place / kParts - 1);
  }

  std::array<std::uint32_t, (65 - kBits) * kParts> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace vsdump
