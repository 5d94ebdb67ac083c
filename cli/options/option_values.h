// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "cli/options/option_table.h"

namespace vsdump {

/// The ways in which the rows of the option table take a value.
namespace option_values {

/// Sets a field to what the option stands for.
template <auto Member, auto Value>
Problem set(GivenOptions& given, std::string_view) {
  given.*Member = Value;
  return std::nullopt;
}

/// Counts how often the option was given.
template <auto Member>
Problem count(GivenOptions& given, std::string_view) {
  ++(given.*Member);
  return std::nullopt;
}

/// Takes any text but an empty one.
template <auto Member>
Problem text(GivenOptions& given, std::string_view value) {
  if (value.empty()) return "is empty; it needs a name";
  given.*Member = std::string(value);
  return std::nullopt;
}

/// Takes nothing from the value: an option that tcpdump has and that means nothing on vsock.
inline Problem ignore(GivenOptions&, std::string_view) {
  return std::nullopt;
}

/// How a number may be written.
enum class NumberStyle {
  Decimal,
  AsInC,  ///< 0x and 0 make it hexadecimal and octal
};

/// A whole number; none when the text is anything else.
std::optional<std::uint64_t> parseNumber(std::string_view value, NumberStyle style);

/// Nanoseconds of "50us", "100ms", "2s", "10ns"; none for any other text.
std::optional<std::uint64_t> parseDuration(std::string_view value);

/// "is not a whole number from LEAST to MOST", or "from LEAST up" where any number fits.
std::string notANumberBetween(std::uint64_t least, std::uint64_t most);

/// Takes a whole number of a range.
template <auto Member, std::uint64_t Least, std::uint64_t Most>
Problem number(GivenOptions& given, std::string_view value) {
  const auto parsed = parseNumber(value, NumberStyle::Decimal);
  if (!parsed || *parsed < Least || *parsed > Most) return notANumberBetween(Least, Most);
  using Field = std::remove_reference_t<decltype(given.*Member)>;
  if constexpr (std::is_same_v<Field, std::optional<std::uint64_t>>) {
    given.*Member = *parsed;
  } else {
    given.*Member = static_cast<Field>(*parsed);
  }
  return std::nullopt;
}

/// Where `value` stands in `choices`, upper and lower case being the same, as in tcpdump.
std::optional<std::size_t> indexOf(std::span<const std::string_view> choices,
                                   std::string_view value);

/// "is none of A, B and C".
std::string noneOf(std::span<const std::string_view> choices);

}  // namespace option_values
}  // namespace vsdump
