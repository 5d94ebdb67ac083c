// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/completion.h"

#include <array>
#include <string>
#include <string_view>

#include "cli/options/command_table.h"
#include "cli/options/generated_texts.h"
#include "cli/options/option_table.h"

namespace vsdump {

namespace {

/// The interfaces by name, from lines such as "1.vsockmon0 [Up]".
constexpr std::string_view kListInterfaces =
    R"(vsdump -D 2>/dev/null | sed -n 's/^[0-9]*\.\([^ ]*\).*/\1/p')";

/// What a shell offers: not what is refused, without effect or for the build.
bool isOffered(const OptionRow& row) {
  return row.category != OptionCategory::Accepted && row.category != OptionCategory::Refused &&
         row.category != OptionCategory::Hidden;
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : " ") + std::string(word);
  return text;
}

std::string commandNames() {
  std::string text;
  for (const CommandRow& command : commandTable()) {
    text += (text.empty() ? "" : " ") + std::string(command.name);
  }
  return text;
}

/// May be given several times, each time adding to what it does.
bool isRepeated(const OptionRow& row) {
  return row.longName.empty() && row.kind == ArgumentKind::None &&
         std::string_view("vtxXA").find(row.letter) != std::string_view::npos;
}

std::string filterWordsAfter(std::string_view word) {
  return joined(filter::wordsAfter(word));
}

// bash

/// The patterns of a word whose next one is the option's value, for case: "-!(-*)r" is any bundle
/// of letters that ends in r.
std::string bashPattern(const OptionRow& row) {
  std::string pattern;
  if (row.letter != 0) pattern = std::string("-!(-*)") + row.letter;
  if (!row.longName.empty()) {
    pattern += (pattern.empty() ? "--" : "|--") + std::string(row.longName);
  }
  return pattern;
}

std::string bashAction(const OptionRow& row) {
  switch (row.kind) {
    case ArgumentKind::Interface:
      return "COMPREPLY=($(compgen -W \"$(" + std::string(kListInterfaces) + ")\" -- \"$cur\"))";
    case ArgumentKind::InputFile:
    case ArgumentKind::OutputFile:
      return "_filedir";
    case ArgumentKind::Choice:
      return "COMPREPLY=($(compgen -W '" + joined(row.choices) + "' -- \"$cur\"))";
    case ArgumentKind::User:
      return "COMPREPLY=($(compgen -u -- \"$cur\"))";
    default:
      return ":";
  }
}

/// The options that a word beginning with a dash may become.
std::string bashOptions(const CommandRow* command) {
  std::string words;
  for (const OptionRow& row : optionTable()) {
    if (!isOffered(row) || !takesOption(command, row)) continue;
    if (row.letter != 0) words += std::string{' ', '-', row.letter};
    if (row.longName.empty()) continue;
    words += " --" + std::string(row.longName);
    if (row.kind != ArgumentKind::None) words += '=';
  }
  return words.substr(1);
}

/// A case for each command: its options and the words that it begins with.
std::string bashCommands() {
  std::string cases;
  for (const CommandRow& command : commandTable()) {
    cases += "        " + std::string(command.name) + ")\n            options='" +
             bashOptions(&command) + "'\n            first='" + joined(command.firstWords) +
             "'\n            filter=" + (command.takesFilter ? "1" : "") + "\n            ;;\n";
  }
  return cases;
}

/// A case for each word of a filter that has names behind it.
std::string bashFilter() {
  std::string cases;
  for (const std::string_view word : filter::wordsWithNamedValues()) {
    cases += "            " + std::string(word) + ")\n                words='" +
             filterWordsAfter(word) + "'\n                ;;\n";
  }
  return cases;
}

std::string bashScript() {
  std::string cases;
  for (const OptionRow& row : optionTable()) {
    const bool wantsValue = row.kind != ArgumentKind::None;
    // Those without effect have values, too, which are no filters.
    if (wantsValue && (isOffered(row) || row.category == OptionCategory::Accepted)) {
      cases += "        " + bashPattern(row) + ")\n            " + bashAction(row) +
               "\n            return\n            ;;\n";
    }
  }
  return R"(# bash completion for vsdump(1); needs bash-completion.
_vsdump()
{
    local cur prev words cword split
    _init_completion -s || return

    # shellcheck disable=SC2207 # names of interfaces, users and choices have no blanks
    case $prev in
)" + cases +
         R"(    esac
    $split && return

    local options first='' filter=1 at=2
    case ${words[1]} in
)" + bashCommands() +
         R"(        *)
            options=')" +
         bashOptions(nullptr) + R"('
            first=')" +
         commandNames() + R"('
            at=1
            ;;
    esac
    if [[ $cur == -* ]]; then
        # shellcheck disable=SC2207
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
        [[ ${COMPREPLY-} == *= ]] && compopt -o nospace
    else
        ((cword == at)) || first=''
        local words=''
        [[ -z $filter ]] || case $prev in
)" + bashFilter() +
         R"(            *)
                words=')" +
         filterWordsAfter("") + R"('
                ;;
        esac
        # shellcheck disable=SC2207
        COMPREPLY=($(compgen -W "$first $words" -- "$cur"))
    fi
} &&
    complete -F _vsdump vsdump
)";
}

// zsh

/// Text inside the brackets of a specification that is itself in single quotes.
std::string zshText(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') out += '\\';
    out += letter == '\'' ? "'\\''" : std::string{letter};
  }
  return out;
}

std::string zshAction(const OptionRow& row) {
  switch (row.kind) {
    case ArgumentKind::None:
      return "";
    case ArgumentKind::Interface:
      return ":interface:_vsdump_interfaces";
    case ArgumentKind::InputFile:
    case ArgumentKind::OutputFile:
      return ":file:_files";
    case ArgumentKind::Choice:
      return ":" + zshText(row.argument) + ":(" + joined(row.choices) + ")";
    case ArgumentKind::User:
      return ":user:_users";
    case ArgumentKind::Number:
    case ArgumentKind::Text:
      return ":" + zshText(row.argument) + ": ";
  }
  return "";
}

/// A specification for _arguments: "'(-i --interface)'{-i+,--interface=}'[text]:interface:action'".
std::string zshSpecification(const OptionRow& row) {
  const bool wantsValue = row.kind != ArgumentKind::None;
  const std::string rest = "'[" + zshText(row.summary) + "]" + zshAction(row) + "'";
  const std::string letter = std::string{'-', row.letter} + (wantsValue ? "+" : "");
  const std::string name = "--" + std::string(row.longName) + (wantsValue ? "=" : "");
  if (row.letter != 0 && !row.longName.empty()) {
    return "'(-" + std::string{row.letter} + " --" + std::string(row.longName) + ")'{'" + letter +
           "'," + name + "}" + rest;
  }
  return std::string(isRepeated(row) ? "'*'" : "") + (row.letter != 0 ? letter : name) + rest;
}

std::string zshOptions(const CommandRow* command) {
  std::string specifications;
  for (const OptionRow& row : optionTable()) {
    if (isOffered(row) && takesOption(command, row)) {
      specifications += "        " + zshSpecification(row) + " \\\n";
    }
  }
  return specifications;
}

/// A case for each command; its own name is then the first word.
std::string zshCommands() {
  std::string cases;
  for (const CommandRow& command : commandTable()) {
    const std::string first = command.firstWords.empty()
                                  ? ""
                                  : "        '1:word:(" + joined(command.firstWords) + ")' \\\n";
    cases += "    " + std::string(command.name) +
             ")\n      shift words\n      (( CURRENT-- ))\n      _arguments -s -S \\\n" +
             zshOptions(&command) + first +
             (command.takesFilter ? "        '*:filter:_vsdump_filter'" : "        '*:word: '") +
             "\n      ;;\n";
  }
  return cases;
}

std::string zshFilter() {
  std::string cases;
  for (const std::string_view word : filter::wordsWithNamedValues()) {
    cases += "    " + std::string(word) + ") compadd -- " + filterWordsAfter(word) + " ;;\n";
  }
  return cases + "    *) compadd -- " + filterWordsAfter("") + " ;;\n";
}

/// The commands as _describe takes them.
std::string zshCommandList() {
  std::string list;
  for (const CommandRow& command : commandTable()) {
    list += "    '" + std::string(command.name) + ':' + zshText(command.summary) + "'\n";
  }
  return list;
}

std::string zshScript() {
  return R"zsh(#compdef vsdump
# zsh completion for vsdump(1).

_vsdump_interfaces() {
  local -a interfaces
  interfaces=(${(f)"$()zsh" +
         std::string(kListInterfaces) + R"zsh()"})
  _describe 'interface' interfaces
}

_vsdump_filter() {
  case $words[CURRENT-1] in
)zsh" + zshFilter() +
         R"zsh(  esac
}

_vsdump_commands() {
  local -a commands
  commands=(
)zsh" + zshCommandList() +
         R"zsh(  )
  _describe 'command' commands
}

_vsdump() {
  if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then
    _vsdump_commands
    _vsdump_filter
    return
  fi
  case $words[2] in
)zsh" + zshCommands() +
         R"zsh(    *)
      _arguments -s -S \
)zsh" + zshOptions(nullptr) +
         R"zsh(        '*:filter:_vsdump_filter'
      ;;
  esac
}

_vsdump "$@"
)zsh";
}

// fish

std::string fishText(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') out += '\\';
    out += letter;
  }
  return "'" + out + "'";
}

std::string fishAction(const OptionRow& row) {
  switch (row.kind) {
    case ArgumentKind::None:
      return "";
    case ArgumentKind::Interface:
      return " -x -a '(__vsdump_interfaces)'";
    case ArgumentKind::InputFile:
    case ArgumentKind::OutputFile:
      return " -r -F";
    case ArgumentKind::Choice:
      return " -x -a " + fishText(joined(row.choices));
    case ArgumentKind::User:
      return " -x -a '(__fish_complete_users)'";
    case ArgumentKind::Number:
    case ArgumentKind::Text:
      return " -x";
  }
  return "";
}

/// One line of a script: an option, offered where `condition` holds.
std::string fishOption(const OptionRow& row, const std::string& condition) {
  std::string out = "complete -c vsdump -n '" + condition + "'";
  if (row.letter != 0) out += std::string(" -s '") + row.letter + "'";
  if (!row.longName.empty()) out += " -l " + std::string(row.longName);
  return out + fishAction(row) + " -d " + fishText(row.summary) + '\n';
}

std::string fishFilter() {
  std::string cases;
  for (const std::string_view word : filter::wordsWithNamedValues()) {
    cases += "        case " + std::string(word) + "\n            string split ' ' -- " +
             fishText(filterWordsAfter(word)) + '\n';
  }
  return cases + "        case '*'\n            string split ' ' -- " +
         fishText(filterWordsAfter("")) + '\n';
}

std::string fishScript() {
  std::string out =
      "# fish completion for vsdump(1).\n"
      "function __vsdump_interfaces\n    " +
      std::string(kListInterfaces) +
      "\nend\n\n"
      "# Whether the first word is this command; without one, whether it is none.\n"
      "function __vsdump_command\n"
      "    set -l words (commandline -opc)\n"
      "    if set -q argv[1]\n"
      "        test \"$words[2]\" = $argv[1]\n"
      "    else\n"
      "        not contains -- \"$words[2]\" " +
      commandNames() +
      "\n    end\nend\n\n"
      "# The words of a filter that fit behind the last one.\n"
      "function __vsdump_filter_words\n    set -l words (commandline -opc)\n    switch "
      "$words[-1]\n" +
      fishFilter() +
      "    end\nend\n\n"
      "complete -c vsdump -f\n"
      "complete -c vsdump -n __vsdump_command -a '(__vsdump_filter_words)'\n";
  for (const OptionRow& row : optionTable()) {
    if (isOffered(row) && takesOption(nullptr, row)) out += fishOption(row, "__vsdump_command");
  }
  for (const CommandRow& command : commandTable()) {
    const std::string name(command.name);
    out += "complete -c vsdump -n __fish_is_first_token -a " + name + " -d " +
           fishText(command.summary) + '\n';
    for (const OptionRow& row : optionTable()) {
      if (isOffered(row) && takesOption(&command, row)) {
        out += fishOption(row, "__vsdump_command " + name);
      }
    }
    if (command.takesFilter) {
      out += "complete -c vsdump -n '__vsdump_command " + name + "' -a '(__vsdump_filter_words)'\n";
    }
    if (!command.firstWords.empty()) {
      out += "complete -c vsdump -n '__vsdump_command " + name + "' -a " +
             fishText(joined(command.firstWords)) + '\n';
    }
  }
  return out;
}

}  // namespace

std::string completionScript(Shell shell) {
  switch (shell) {
    case Shell::Bash:
      return bashScript();
    case Shell::Zsh:
      return zshScript();
    case Shell::Fish:
      return fishScript();
  }
  return "";
}

}  // namespace vsdump
