// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/suggestion.h"

#include "cli/options/command_table.h"
#include "cli/options/option_table.h"
#include "dissector/text/near_word.h"

namespace vsdump {

std::optional<std::string_view> closestLongOption(std::string_view name) {
  NearWord near(name);
  for (const OptionRow& row : optionTable()) {
    if (row.longName.empty() || row.category == OptionCategory::Hidden) continue;
    near.offer(row.longName);
  }
  return near.closest();
}

std::optional<std::string_view> closestCommand(std::string_view name) {
  NearWord near(name);
  for (const CommandRow& row : commandTable()) near.offer(row.name);
  return near.closest();
}

}  // namespace vsdump
