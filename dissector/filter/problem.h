// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vsdump::filter {

/// What is wrong with a filter, and where.
struct Problem {
  std::size_t offset = 0;    ///< of the first byte that is wrong, in the filter's text
  std::size_t length = 1;    ///< bytes, at least 1
  std::string message{};     ///< a sentence without a full stop
  std::string suggestion{};  ///< a whole sentence, or empty
};

/// Where it is, for a person: "column 4", or "line 2, column 4" of a text of several lines.
std::string placeOf(const Problem& problem, std::string_view text);

/// The line with the problem and a caret below it, each indented by two blanks; what is far from
/// the place of a long line is left out.
std::string drawing(const Problem& problem, std::string_view text);

}  // namespace vsdump::filter
