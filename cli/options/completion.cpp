// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <string>
#include <string_view>

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

/// May be given several times, each time adding to what it does.
bool isRepeated(const OptionRow& row) {
  return row.longName.empty() && row.kind == ArgumentKind::None &&
         std::string_view("vtxXA").find(row.letter) != std::string_view::npos;
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

std::string bashScript() {
  std::string cases;
  std::string words;
  for (const OptionRow& row : optionTable()) {
    const bool wantsValue = row.kind != ArgumentKind::None;
    if (wantsValue && row.category != OptionCategory::Hidden) {
      cases += "        " + bashPattern(row) + ")\n            " + bashAction(row) +
               "\n            return\n            ;;\n";
    }
    if (!isOffered(row)) continue;
    if (row.letter != 0) words += std::string{' ', '-', row.letter};
    if (!row.longName.empty()) {
      words += " --" + std::string(row.longName) + (wantsValue ? "=" : "");
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

    if [[ $cur == -* ]]; then
        # shellcheck disable=SC2207
        COMPREPLY=($(compgen -W ')" +
         words.substr(1) + R"(' -- "$cur"))
        [[ ${COMPREPLY-} == *= ]] && compopt -o nospace
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

std::string zshScript() {
  std::string specifications;
  for (const OptionRow& row : optionTable()) {
    if (isOffered(row)) specifications += "    " + zshSpecification(row) + " \\\n";
  }
  return R"zsh(#compdef vsdump
# zsh completion for vsdump(1).

_vsdump_interfaces() {
  local -a interfaces
  interfaces=(${(f)"$()zsh" +
         std::string(kListInterfaces) + R"zsh()"})
  _describe 'interface' interfaces
}

_vsdump() {
  _arguments -s -S \
)zsh" + specifications +
         R"zsh(    '*:filter:_message "filter word"'
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

std::string fishScript() {
  std::string out =
      "# fish completion for vsdump(1).\n"
      "function __vsdump_interfaces\n    " +
      std::string(kListInterfaces) +
      "\nend\n\n"
      "complete -c vsdump -f\n";
  for (const OptionRow& row : optionTable()) {
    if (!isOffered(row)) continue;
    out += "complete -c vsdump";
    if (row.letter != 0) out += std::string(" -s '") + row.letter + "'";
    if (!row.longName.empty()) out += " -l " + std::string(row.longName);
    out += fishAction(row) + " -d " + fishText(row.summary) + '\n';
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
