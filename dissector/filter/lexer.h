// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "dissector/filter/problem.h"

namespace vsdump::filter {

enum class TokenKind : std::uint8_t { Number, Word, Text, Sign, End };

/// **Lifetime** `spelling` borrows the filter's text.
struct Token {
  TokenKind kind = TokenKind::End;
  std::size_t offset = 0;
  std::string_view spelling;  ///< as it stands in the filter
  std::uint64_t value = 0;    ///< of a Number
  bool isTooLarge = false;    ///< a Number that 64 bits cannot hold
  std::string text{};         ///< of a Text: without quotes and escapes
};

/// Takes a filter apart; the last token is an End. A word goes on over a dash that has a letter or
/// a digit behind it (kata-agent), a number does not (22-80).
tl::expected<std::vector<Token>, Problem> tokenize(std::string_view text);

}  // namespace vsdump::filter
