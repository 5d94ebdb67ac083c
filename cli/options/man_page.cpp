// SPDX-License-Identifier: GPL-2.0-or-later
#include <cctype>
#include <span>
#include <string>
#include <string_view>

#include "cli/options/command_table.h"
#include "cli/options/generated_texts.h"
#include "cli/options/man_files.h"
#include "cli/options/option_table.h"
#include "dissector/filter/facts.h"
#include "dissector/filter/primitives.h"

namespace vsdump {

namespace {

constexpr std::string_view kInsertCommands = ".\\\" insert commands";
constexpr std::string_view kInsertOptions = ".\\\" insert options";
constexpr std::string_view kInsertPrimitives = ".\\\" insert primitives";
constexpr std::string_view kInsertGrammar = ".\\\" insert grammar";
constexpr std::string_view kInsertStates = ".\\\" insert states";
constexpr std::string_view kInsertFindings = ".\\\" insert findings";
constexpr std::string_view kInsertSample = ".\\\" insert sample ";
constexpr std::string_view kVersionMark = "@VERSION@";

std::string_view fileNamed(std::string_view name) {
  for (const ManFile& file : manFiles()) {
    if (file.name == name) return file.text;
  }
  return {};
}

/// Takes the text up to a separator off the front of `rest`.
std::string_view takeUpTo(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return taken;
}

/// Text as roff prints it letter for letter; dashes are those of options, which can be copied from
/// the page.
std::string literal(std::string_view text) {
  std::string out;
  // A dot or an apostrophe at the front would make it a request.
  if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
  for (const char letter : text) {
    switch (letter) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

bool isOption(std::string_view word) {
  return word.size() > 1 && word[0] == '-' &&
         (word[1] == '-' || word[1] == '#' || std::isalpha(static_cast<unsigned char>(word[1])));
}

/// A paragraph of the table: options become bold, and the row's own argument slanted.
std::string paragraph(std::string_view text, std::string_view argument) {
  constexpr std::string_view kClosing = ".,;:)";
  std::string out;
  while (!text.empty()) {
    std::string_view word = takeUpTo(text, ' ');
    // Each sentence on a line of its own is how roff knows where one ends.
    if (!out.empty()) out += out.ends_with('.') ? '\n' : ' ';
    if (word.starts_with('(')) {
      out += '(';
      word.remove_prefix(1);
    }
    const std::size_t end = word.find_last_not_of(kClosing) + 1;
    const std::string_view core = word.substr(0, end);
    if (isOption(core)) {
      out += "\\fB" + literal(core) + "\\fR";
    } else if (!argument.empty() && core == argument) {
      out += "\\fI" + literal(core) + "\\fR";
    } else {
      out += literal(core);
    }
    out += word.substr(end);
  }
  return out;
}

/// "\fB-i\fR NAME, \fB--interface=\fRNAME".
std::string headOf(const OptionRow& row) {
  const std::string argument = "\\fI" + literal(row.argument) + "\\fR";
  const bool wantsValue = row.kind != ArgumentKind::None;
  std::string head;
  if (row.letter != 0) {
    head = "\\fB" + literal(std::string{'-', row.letter}) + "\\fR";
    if (wantsValue) head += ' ' + argument;
  }
  if (row.longName.empty()) return head;
  if (!head.empty()) head += ", ";
  head += "\\fB" + literal("--" + std::string(row.longName)) + (wantsValue ? "=" : "") + "\\fR";
  return wantsValue ? head + argument : head;
}

/// Paragraphs, each but the first begun by `nextParagraph`, and lists.
void putDetails(std::string& out, std::string_view rest, std::string_view argument,
                std::string_view nextParagraph) {
  bool inList = false;
  bool first = true;
  while (!rest.empty()) {
    std::string_view line = takeUpTo(rest, '\n');
    const bool isItem = line.starts_with("| ");
    if (isItem != inList) out += isItem ? ".RS\n.PD 0\n" : ".PD\n.RE\n";
    if (!isItem && !first) out += nextParagraph;
    inList = isItem;
    first = false;
    if (isItem) {
      line.remove_prefix(2);
      const std::string_view term = line.substr(0, line.find(" | "));
      line.remove_prefix(term.size() + 3);
      out += ".TP\n\\fB" + literal(term) + "\\fR\n";
    }
    out += paragraph(line, argument) + '\n';
  }
  if (inList) out += ".PD\n.RE\n";
}

void putOption(std::string& out, const OptionRow& row) {
  out += ".TP\n" + headOf(row) + '\n';
  if (row.category == OptionCategory::Refused) {
    out += "Refused: " + paragraph(std::string(row.summary) + '.', row.argument) + '\n';
  } else if (row.details.empty()) {
    std::string summary(row.summary);
    summary.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(summary.front())));
    out += paragraph(summary + '.', row.argument) + '\n';
  }
  putDetails(out, row.details, row.argument, ".IP\n");
  if (row.choices.empty()) return;
  std::string choices;
  for (const std::string_view choice : row.choices) {
    choices += (choices.empty() ? "" : ", ") + std::string(choice);
  }
  out += ".IP\nValues: " + literal(choices) + ".\n";
}

void putOptions(std::string& out) {
  for (const OptionCategory category :
       {OptionCategory::Source, OptionCategory::Capture, OptionCategory::Output,
        OptionCategory::Text, OptionCategory::Information, OptionCategory::Accepted,
        OptionCategory::Refused}) {
    out += ".SS " + std::string(categoryHeading(category)) + '\n';
    for (const OptionRow& row : optionTable()) {
      if (row.category == category) putOption(out, row);
    }
  }
}

void putCommand(std::string& out, const CommandRow& command) {
  out += ".SS \"" + literal(invocation(&command));
  if (!command.usage.empty()) out += ' ' + literal(command.usage);
  out += "\"\n";
  putDetails(out, command.details, {}, ".P\n");
  std::string shared;
  for (const OptionRow& row : optionTable()) {
    if (row.category == OptionCategory::Command || !takesOption(&command, row)) continue;
    shared += (shared.empty() ? "" : ", ") + ("\\fB" + literal(optionName(row)) + "\\fR");
  }
  out += ".P\nIt takes these of the options below: " + shared + ".\n";
  for (const OptionRow& row : optionTable()) {
    if (row.category == OptionCategory::Command && takesOption(&command, row)) putOption(out, row);
  }
}

/// A line of a sample, folded so that it fits a page of 80 columns.
void putSampleLine(std::string& out, std::string_view line) {
  constexpr std::size_t kWidth = 66;
  std::string_view indent;
  while (line.size() > kWidth) {
    const std::size_t blank = line.substr(0, kWidth).find_last_of(" ,");
    const std::size_t end = blank == std::string_view::npos ? kWidth : blank + 1;
    out += indent;
    out += literal(line.substr(0, end)) + '\n';
    line.remove_prefix(end);
    indent = "    ";
  }
  out += indent;
  out += literal(line) + '\n';
}

/// A command and its output as they stand on a terminal.
void putSample(std::string& out, std::string_view text) {
  out += ".EX\n";
  while (!text.empty()) {
    const std::string_view line = takeUpTo(text, '\n');
    if (line.starts_with("$ ")) {
      out += "\\fB" + literal(line) + "\\fR\n";
    } else {
      putSampleLine(out, line);
    }
  }
  out += ".EE\n";
}

/// The words of the filter language that can be used, each with its example.
void putPrimitives(std::string& out) {
  for (const filter::PrimitiveRow& row : filter::primitiveTable()) {
    out += ".TP\n";
    if (row.takesSide) out += "[\\fBsrc\\fR|\\fBdst\\fR] ";
    out += "\\fB" + literal(row.word) + "\\fR";
    if (!row.argument.empty()) {
      const bool isIndex = row.argument.starts_with('[');
      out += (isIndex ? "\\fI" : " \\fI") + literal(row.argument) + "\\fR";
    }
    out += '\n' + literal(row.help) + ": \\fB" + literal(row.example) + "\\fR\n";
  }
}

void putWords(std::string& out, std::span<const FieldName> words) {
  std::string_view before = "\\fB";
  for (const FieldName& word : words) {
    out += before;
    out += literal(word.word);
    before = "\\fR, \\fB";
  }
  out += "\\fR\n";
}

void putGrammar(std::string& out) {
  out += ".EX\n";
  for (const filter::GrammarRow& row : filter::grammarTable()) {
    putSampleLine(out, row.rule);
    out += "    \\fI" + literal(row.example) + "\\fR\n";
  }
  out += ".EE\n";
}

}  // namespace

std::string manPage(ManPage page) {
  std::string out;
  std::string_view rest =
      fileNamed(page == ManPage::Program ? "vsdump.1.in" : "vsdump-filter.7.in");
  while (!rest.empty()) {
    const std::string_view line = takeUpTo(rest, '\n');
    if (line == kInsertCommands) {
      for (const CommandRow& command : commandTable()) putCommand(out, command);
    } else if (line == kInsertOptions) {
      putOptions(out);
    } else if (line == kInsertPrimitives) {
      putPrimitives(out);
    } else if (line == kInsertGrammar) {
      putGrammar(out);
    } else if (line == kInsertStates) {
      putWords(out, filter::stateWords());
    } else if (line == kInsertFindings) {
      putWords(out, filter::findingWords());
    } else if (line.starts_with(kInsertSample)) {
      const std::string_view name = line.substr(kInsertSample.size());
      putSample(out, fileNamed("samples/" + std::string(name) + ".txt"));
    } else {
      out += line;
      out += '\n';
    }
  }
  const std::size_t version = out.find(kVersionMark);
  if (version != std::string::npos) out.replace(version, kVersionMark.size(), VSDUMP_VERSION);
  return out;
}

}  // namespace vsdump
