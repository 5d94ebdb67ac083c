// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "cli/options/option_table.h"
#include "cli/options/options.h"

namespace vsdump {

/// One command: what "vsdump NAME ..." does. The parser, both kinds of help, the man page and the
/// shells' completions are made from these rows alone. To add a command, add its enumerator, its
/// row, and its case in cli/run/commands.cpp.
struct CommandRow {
  Command command = Command::Packets;
  std::string_view name{};
  std::string_view usage{};    ///< the words after the name and the options; may be empty
  std::string_view summary{};  ///< half a sentence for --help
  std::string_view details{};  ///< the man page's text, as OptionRow::details
  /// The options that it takes, as optionName() gives them; every command takes -h besides.
  std::span<const std::string_view> options{};
  /// How many words it takes for itself; those after them are its filter, if it takes one.
  std::size_t leastArguments = 0;
  std::size_t mostArguments = 0;
  bool takesFilter = false;
  std::span<const std::string_view> firstWords{};  ///< what its first word may be, for completions
};

/// Every command, ordered as in the help text.
std::span<const CommandRow> commandTable();

/// The command of this very name; nullptr for another word.
const CommandRow* findCommand(std::string_view name);

/// The row of a command; nullptr for Command::Packets, which has no name.
const CommandRow* findCommand(Command command);

/// Whether the option means something for this command; nullptr stands for vsdump without one.
bool takesOption(const CommandRow* command, const OptionRow& option);

/// "vsdump devices", or "vsdump" for nullptr.
std::string invocation(const CommandRow* command);

}  // namespace vsdump
