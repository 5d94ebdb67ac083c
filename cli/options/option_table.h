// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/options/options.h"

namespace vsdump {

/// What the words of the command line said, before it is known whether they go together; the parser
/// makes an Options of it.
struct GivenOptions : Options {
  std::optional<std::string> readFile;    ///< -r
  std::optional<std::string> fileList;    ///< -V
  std::optional<std::string> filterFile;  ///< -F
  int timestampLevel = 0;                 ///< how many -t
  int hexLevel = 0;                       ///< how many -x
  int hexAsciiLevel = 0;                  ///< how many -X
  int asciiLevel = 0;                     ///< how many -A
};

/// What is wrong with an option's value, as the end of "-c 0 ..."; none when it was taken.
using Problem = std::optional<std::string>;

/// The headings of the help text and the man page, in their order there.
enum class OptionCategory {
  Source,
  Capture,
  Output,
  Text,
  Command,  ///< for single commands only
  Information,
  Accepted,
  Refused,
  Hidden
};

/// What an option's value is: enough for a shell to complete it.
enum class ArgumentKind { None, Interface, InputFile, OutputFile, Number, Choice, User, Text };

/// Which tcpdump knows the option under this name.
enum class OptionOrigin {
  Tcpdump,       ///< 4.99.3 as Debian 12 builds it: its abbreviations keep their meaning here
  OtherTcpdump,  ///< another version or build
  Vsdump,        ///< none
};

/// One option. The parser, --help, the man page and the shells' completions are made from these
/// rows alone.
struct OptionRow {
  char letter = 0;              ///< 0 for none
  std::string_view longName{};  ///< without the dashes; empty for none
  std::string_view argument{};  ///< the value's name in help texts; empty for an option without one
  ArgumentKind kind = ArgumentKind::None;
  OptionCategory category = OptionCategory::Source;
  OptionOrigin origin = OptionOrigin::Tcpdump;
  std::string_view summary{};  ///< half a sentence for --help; of a refused option: why it is
  /// The man page's text: one paragraph a line, and "| TERM | TEXT" for an item of a list. Of a
  /// refused option: what to do instead.
  std::string_view details{};
  std::span<const std::string_view> choices{};  ///< of ArgumentKind::Choice
  /// Takes the value (empty for an option without one); none for a refused option.
  Problem (*apply)(GivenOptions& given, std::string_view value) = nullptr;
};

/// Two options that do not go together, and what to do about it.
struct OptionConflict {
  std::string_view first;  ///< as optionName() gives it
  std::string_view second;
  std::string_view reason;
  std::string_view hint;
};

/// Every option, ordered as in the help text within each category.
std::span<const OptionRow> optionTable();

/// The pairs that are refused.
std::span<const OptionConflict> optionConflicts();

/// How messages name an option: "-c", or "--json" where there is no letter.
std::string optionName(const OptionRow& row);

/// The heading of a category in help text and man page.
std::string_view categoryHeading(OptionCategory category);

}  // namespace vsdump
