// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <string_view>

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

void putRow(std::string& out, const OptionRow& row, std::size_t width) {
  std::string names = namesOf(row);
  // A terminal too narrow for two columns has the summaries below the names.
  const std::size_t column = width < 2 * kSummaryColumn ? 8 : kSummaryColumn;
  if (names.size() + 2 > column) {
    out += names + '\n';
    names.clear();
  }
  names.resize(column, ' ');
  out += names;
  putWrapped(out, row.summary, column, column, width);
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
  std::string out = "Usage: vsdump [OPTION]... [FILTER]\n";
  putWrapped(out,
             "Print the AF_VSOCK packets that pass a vsockmon device, or those of a capture file "
             "(-r).",
             0, 0, width);
  for (const OptionCategory category :
       {OptionCategory::Source, OptionCategory::Capture, OptionCategory::Output,
        OptionCategory::Text, OptionCategory::Information}) {
    out += '\n' + std::string(categoryHeading(category)) + ":\n";
    for (const OptionRow& row : optionTable()) {
      if (row.category == category) putRow(out, row, width);
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

std::string versionText(std::span<const std::string> libraries) {
  std::string out = "vsdump version " VSDUMP_VERSION "\n";
  for (const std::string& library : libraries) out += library + '\n';
  return out;
}

}  // namespace vsdump
