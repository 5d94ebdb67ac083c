// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/text/quantity.h"

#include <array>
#include <cstddef>

namespace vsdump {

namespace {

/// `tenths` as a number with one decimal.
std::string withDecimal(std::uint64_t tenths) {
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

}  // namespace

std::string grouped(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string counted(std::uint64_t count, const char* what) {
  return grouped(count) + ' ' + what + (count == 1 ? "" : "s");
}

std::string durationText(std::uint64_t nanoseconds) {
  const std::uint64_t us = nanoseconds / 1000;
  if (us < 1000) return std::to_string(us) + " us";
  if (us < 1'000'000) return withDecimal(us / 100) + " ms";
  const std::uint64_t seconds = us / 1'000'000;
  if (seconds < 120) return withDecimal(us / 100'000) + " s";
  if (seconds < 7200) {
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  }
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string sizeText(std::uint64_t bytes) {
  constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  std::size_t unit = 0;
  std::uint64_t whole = bytes;
  for (; whole / 1024 >= 1024; whole /= 1024) ++unit;
  return withDecimal(whole / 1024 * 10 + whole % 1024 * 10 / 1024) + ' ' + kUnits[unit];
}

}  // namespace vsdump
