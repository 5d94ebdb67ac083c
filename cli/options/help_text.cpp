// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <string_view>

#include "cli/options/command_table.h"
#include "cli/options/generated_texts.h"
#include "cli/options/option_table.h"

namespace vsdump {

namespace {

constexpr std::size_t kLeastWidth = 40;
/// Where the summaries begin; longer names of options get a line of their own.
constexpr std::size_t kSummaryColumn = 30;

/// Appends words as lines of at most `width` columns, the first of which begins at `column` and
/// the others at `indent`.
void putWrapped(std::string& out, std::string_view words, std::size_t column, std::size_t indent,
                std::size_t width) {
  bool lineIsEmpty = true;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (!lineIsEmpty && column + 1 + word.size() > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
      lineIsEmpty = true;
    }
    if (!lineIsEmpty) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    lineIsEmpty = false;
  }
  out += '\n';
}

/// "  -i, --interface=NAME".
std::string namesOf(const OptionRow& row) {
  const bool wantsValue = row.kind != ArgumentKind::None;
  std::string names = "  ";
  if (row.letter != 0) names += std::string{'-', row.letter};
  if (row.longName.empty()) {
    if (wantsValue) names += ' ' + std::string(row.argument);
    return names;
  }
  names += row.letter != 0 ? ", --" : "    --";
  names += row.longName;
  if (wantsValue) names += '=' + std::string(row.argument);
  return names;
}

/// A name and what it stands for, in two columns.
void putRow(std::string& out, std::string names, std::string_view summary, std::size_t width) {
  // A terminal too narrow for two columns has the summaries below the names.
  const std::size_t column = width < 2 * kSummaryColumn ? 8 : kSummaryColumn;
  if (names.size() + 2 > column) {
    out += names + '\n';
    names.clear();
  }
  names.resize(column, ' ');
  out += names;
  putWrapped(out, summary, column, column, width);
}

std::string usageOf(const CommandRow& command) {
  std::string usage = invocation(&command) + " [OPTION]...";
  if (!command.usage.empty()) usage += ' ' + std::string(command.usage);
  return usage;
}

/// The names of a whole category, without what they are: there are many and few are wanted.
void putNames(std::string& out, OptionCategory category, std::size_t width) {
  std::string names;
  for (const OptionRow& row : optionTable()) {
    if (row.category == category) names += (names.empty() ? "" : " ") + optionName(row);
  }
  out += "  ";
  putWrapped(out, names, 2, 2, width);
}

}  // namespace

std::string helpText(std::size_t width) {
  width = std::max(width, kLeastWidth);
  std::string out =
      "Usage: vsdump [OPTION]... [FILTER]\n"
      "       vsdump COMMAND [OPTION]... [WORD]...\n";
  putWrapped(out,
             "Print the AF_VSOCK packets that pass a vsockmon device, or those of a capture file "
             "(-r).",
             0, 0, width);
  out += "\nCommands (vsdump COMMAND --help tells more):\n";
  for (const CommandRow& command : commandTable()) {
    putRow(out, "  " + std::string(command.name), command.summary, width);
  }
  for (const OptionCategory category :
       {OptionCategory::Source, OptionCategory::Capture, OptionCategory::Output,
        OptionCategory::Text, OptionCategory::Information}) {
    out += '\n' + std::string(categoryHeading(category)) + ":\n";
    for (const OptionRow& row : optionTable()) {
      if (row.category == category) putRow(out, namesOf(row), row.summary, width);
    }
  }
  for (const OptionCategory category : {OptionCategory::Accepted, OptionCategory::Refused}) {
    out += '\n';
    putWrapped(out, std::string(categoryHeading(category)) + ":", 0, 0, width);
    putNames(out, category, width);
  }
  out += '\n';
  putWrapped(out,
             "FILTER selects packets: port 1024 and op rst, cid 3 and not port ssh. See "
             "vsdump-filter(7).",
             0, 0, width);
  return out;
}

std::string commandHelpText(Command command, std::size_t width) {
  width = std::max(width, kLeastWidth);
  const CommandRow* row = findCommand(command);
  if (row == nullptr) return helpText(width);
  std::string out = "Usage: " + usageOf(*row) + '\n';
  std::string_view rest = row->details;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with("| ")) {
      line.remove_prefix(2);
      const std::size_t bar = line.find(" | ");
      putRow(out, "  " + std::string(line.substr(0, bar)), line.substr(bar + 3), width);
    } else {
      putWrapped(out, line, 0, 0, width);
    }
  }
  out += "\nOptions:\n";
  for (const OptionRow& option : optionTable()) {
    if (takesOption(row, option)) putRow(out, namesOf(option), option.summary, width);
  }
  return out;
}

std::string versionText(std::span<const std::string> libraries) {
  std::string out = "vsdump version " VSDUMP_VERSION "\n";
  for (const std::string& library : libraries) out += library + '\n';
  return out;
}

}  // namespace vsdump
