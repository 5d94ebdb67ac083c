// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/facts.h"

#include <vector>

namespace vsdump::filter {

std::span<const FieldName> findingWords() {
  static const std::vector<FieldName> kWords = [] {
    std::vector<FieldName> words;
    const std::size_t count = findingCatalogue().size() + anomalyCatalogue().size();
    for (std::uint8_t code = 0; code < count; ++code) {
      const std::string_view word = describe(FindingCode{code}).code;
      words.push_back({.value = code, .name = word, .word = word});
    }
    return words;
  }();
  return kWords;
}

std::span<const FieldName> stateWords() {
  static const std::vector<FieldName> kWords = [] {
    std::vector<FieldName> words;
    for (std::uint8_t state = 0; setOf(ConnectionState{state}) != kPartialState; ++state) {
      const std::string_view word = stateWord(ConnectionState{state});
      words.push_back({.value = state, .name = word, .word = word});
    }
    words.push_back({.value = words.size(), .name = "partial", .word = "partial"});
    return words;
  }();
  return kWords;
}

}  // namespace vsdump::filter
