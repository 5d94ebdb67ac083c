// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/completion.h"

#include "dissector/filter/parser_values.h"
#include "dissector/filter/primitives.h"

namespace vsdump::filter {

std::vector<std::string_view> wordsAfter(std::string_view previous) {
  std::vector<std::string_view> words;
  if (const PrimitiveRow* row = findPrimitive(previous); row != nullptr && !row->argument.empty()) {
    for (const FieldName& value : wordsOf(row->kind)) words.push_back(value.word);
    if (!words.empty()) return words;
  }
  words = {"and", "or", "not", "src", "dst"};
  for (const PrimitiveRow& row : primitiveTable()) words.push_back(row.word);
  return words;
}

std::vector<std::string_view> wordsWithNamedValues() {
  std::vector<std::string_view> words;
  for (const PrimitiveRow& row : primitiveTable()) {
    if (!row.argument.empty() && !wordsOf(row.kind).empty()) words.push_back(row.word);
  }
  return words;
}

}  // namespace vsdump::filter
