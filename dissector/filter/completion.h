// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

namespace vsdump::filter {

/// What may stand behind the word `previous` of a filter, for who is typing one: the values of a
/// primitive that has names for them, else the words that conditions begin with and those between
/// them.
std::vector<std::string_view> wordsAfter(std::string_view previous);

/// The primitives that have names for their values.
std::vector<std::string_view> wordsWithNamedValues();

}  // namespace vsdump::filter
