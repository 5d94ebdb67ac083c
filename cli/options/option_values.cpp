// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/option_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>

namespace vsdump::option_values {

std::optional<std::uint64_t> parseNumber(std::string_view value, NumberStyle style) {
  int base = 10;
  if (style == NumberStyle::AsInC && value.size() > 1 && value.front() == '0') {
    const bool hexadecimal = value[1] == 'x' || value[1] == 'X';
    base = hexadecimal ? 16 : 8;
    value.remove_prefix(hexadecimal ? 2 : 1);
  }
  std::uint64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, number, base);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> parseDuration(std::string_view value) {
  struct Unit {
    std::string_view name;
    std::uint64_t nanoseconds;
  };
  constexpr std::array<Unit, 4> kUnits{
      {{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}}};
  const std::size_t end = std::min(value.find_first_not_of("0123456789"), value.size());
  const auto number = parseNumber(value.substr(0, end), NumberStyle::Decimal);
  const auto unit = std::ranges::find(kUnits, value.substr(end), &Unit::name);
  if (!number || unit == kUnits.end()) return std::nullopt;
  if (*number > std::numeric_limits<std::uint64_t>::max() / unit->nanoseconds) return std::nullopt;
  return *number * unit->nanoseconds;
}

std::string notANumberBetween(std::uint64_t least, std::uint64_t most) {
  const std::string text = "is not a whole number from " + std::to_string(least);
  if (most == std::numeric_limits<std::uint64_t>::max()) return text + " up";
  return text + " to " + std::to_string(most);
}

std::optional<std::size_t> indexOf(std::span<const std::string_view> choices,
                                   std::string_view value) {
  const auto sameLetter = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (std::equal(choices[i].begin(), choices[i].end(), value.begin(), value.end(), sameLetter)) {
      return i;
    }
  }
  return std::nullopt;
}

std::string noneOf(std::span<const std::string_view> choices) {
  std::string text = choices.size() == 1 ? "is not " : "is none of ";
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 < choices.size() ? ", " : " and ";
    text += choices[i];
  }
  return text;
}

}  // namespace vsdump::option_values
