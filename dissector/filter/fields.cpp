// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/fields.h"

namespace vsdump::filter {

const FieldRow* findField(std::string_view word) {
  for (const FieldRow& row : kFieldTable) {
    if (!word.empty() && row.word == word) return &row;
  }
  return nullptr;
}

}  // namespace vsdump::filter
