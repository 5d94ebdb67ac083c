// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/parser.h"

#include <getopt.h>

#include <cstddef>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/options/command_table.h"
#include "cli/options/option_table.h"
#include "cli/options/suggestion.h"

namespace vsdump {

namespace {

// getopt_long and not a library such as CLI11: the command line is tcpdump's, down to abbreviations
// ("--nu"), bundles with a value ("-nvvXr FILE", "-c5"), the mixing of options and filter words,
// and what counts as ambiguous. This is tcpdump's own engine for it; CLI11 has no abbreviations,
// and the rest would be imitation.

/// Added to a row's place in the table: what getopt_long() returns for a long option. Letters are
/// below it.
constexpr int kLongOption = 256;

Error usageError(std::string reason, std::string hint) {
  return Error{.kind = ErrorKind::Usage,
               .attempted = {},
               .subject = {},
               .reason = std::move(reason),
               .hint = std::move(hint)};
}

/// The options of one command in getopt_long()'s terms.
struct GetoptTable {
  std::string letters;
  std::deque<std::string> names;  // a deque, so that the pointers to its elements stay
  std::vector<option> longOptions;
};

/// Counts the command's long names that begin with `prefix`, among all rows or tcpdump's own.
std::size_t countLongNames(const CommandRow* command, std::string_view prefix, bool onlyTcpdump) {
  std::size_t found = 0;
  for (const OptionRow& row : optionTable()) {
    if (!takesOption(command, row)) continue;
    if (onlyTcpdump && row.origin != OptionOrigin::Tcpdump) continue;
    if (!row.longName.empty() && row.longName.starts_with(prefix)) ++found;
  }
  return found;
}

GetoptTable makeGetoptTable(const CommandRow* command) {
  GetoptTable table;
  // ':' first: a missing value is told apart from an unknown option.
  table.letters = ":";
  int index = 0;
  for (const OptionRow& row : optionTable()) {
    const int value = kLongOption + index++;
    if (!takesOption(command, row)) continue;
    const bool wantsValue = row.kind != ArgumentKind::None;
    if (row.letter != 0) {
      table.letters += row.letter;
      if (wantsValue) table.letters += ':';
    }
    if (row.longName.empty()) continue;
    const auto add = [&](std::string_view name) {
      table.names.emplace_back(name);
      table.longOptions.push_back(option{table.names.back().c_str(),
                                         wantsValue ? required_argument : no_argument, nullptr,
                                         value});
    };
    add(row.longName);
    // "--co" is --count in tcpdump, and --color must not make it ambiguous: what tcpdump takes as
    // an abbreviation is entered as a name of its own, and getopt_long() prefers whole names.
    if (row.origin != OptionOrigin::Tcpdump) continue;
    for (std::size_t length = 1; length < row.longName.size(); ++length) {
      const std::string_view prefix = row.longName.substr(0, length);
      if (countLongNames(command, prefix, true) == 1 &&
          countLongNames(command, prefix, false) > 1) {
        add(prefix);
      }
    }
  }
  table.longOptions.push_back(option{nullptr, 0, nullptr, 0});
  return table;
}

/// makeGetoptTable(), once for each command: the fuzzer parses thousands of command lines a second.
const GetoptTable& getoptTable(const CommandRow* command) {
  static std::map<const CommandRow*, GetoptTable> tables;
  const auto [row, isNew] = tables.try_emplace(command);
  if (isNew) row->second = makeGetoptTable(command);
  return row->second;
}

const OptionRow* findLetter(int letter) {
  for (const OptionRow& row : optionTable()) {
    if (row.letter != 0 && row.letter == letter) return &row;
  }
  return nullptr;
}

/// The row that a value of getopt_long() stands for; none for '?' and ':' and other news.
const OptionRow* findRow(int value) {
  if (value >= kLongOption) return &optionTable()[static_cast<std::size_t>(value - kLongOption)];
  return findLetter(value);
}

/// "-c COUNT" or "--json": how the option is written.
std::string usageOf(const OptionRow& row) {
  std::string text = optionName(row);
  if (row.kind != ArgumentKind::None) {
    text += row.letter != 0 ? ' ' : '=';
    text += row.argument;
  }
  return text;
}

/// The commands that take an option which another one does not: "It is one of vsdump devices."
std::string whereItBelongs(const OptionRow& row) {
  std::string list = takesOption(nullptr, row) ? "vsdump without a command" : "";
  for (const CommandRow& command : commandTable()) {
    if (takesOption(&command, row)) list += (list.empty() ? "" : ", ") + invocation(&command);
  }
  return "It is one of " + list + ".";
}

/// An option that this command has not; `row` is that of another one, if there is one.
Error unknownOption(const CommandRow* command, const std::string& asked, const OptionRow* row) {
  return usageError(asked + " is not an option of " + invocation(command),
                    row != nullptr && row->category != OptionCategory::Hidden
                        ? whereItBelongs(*row)
                        : invocation(command) + " --help lists the options.");
}

const OptionRow* findLongName(std::string_view name) {
  for (const OptionRow& row : optionTable()) {
    if (!name.empty() && row.longName == name) return &row;
  }
  return nullptr;
}

/// What is wrong with a long option that is none, or that is short for several.
Error unknownLongOption(const CommandRow* command, std::string_view word) {
  const std::string_view name = word.substr(2, word.find('=') - 2);
  std::vector<std::string_view> candidates;
  for (const OptionRow& row : optionTable()) {
    if (row.longName.empty() || row.category == OptionCategory::Hidden) continue;
    if (takesOption(command, row) && row.longName.starts_with(name)) {
      candidates.push_back(row.longName);
    }
  }
  const std::string asked = "--" + std::string(name);
  if (candidates.size() > 1) {
    std::string list;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (i > 0) list += i + 1 < candidates.size() ? ", " : " or ";
      list += "--" + std::string(candidates[i]);
    }
    return usageError(asked + " is short for several options", "Write " + list + ".");
  }
  const OptionRow* elsewhere = findLongName(name);
  const auto meant = elsewhere == nullptr ? closestLongOption(name) : std::nullopt;
  if (!meant || !takesOption(command, *findLongName(*meant))) {
    return unknownOption(command, asked, elsewhere);
  }
  return usageError(asked + " is not an option of " + invocation(command),
                    "Did you mean --" + std::string(*meant) + "?");
}

/// What getopt_long() has stumbled over, from its globals.
Error describeFailure(const CommandRow* command, int returned, std::string_view word) {
  const OptionRow* row = findRow(optopt);
  if (returned == ':' && row != nullptr) {
    return usageError(optionName(*row) + " needs a value", "Write " + usageOf(*row) + ".");
  }
  if (optopt >= kLongOption && row != nullptr) {
    return usageError("--" + std::string(row->longName) + " takes no value",
                      "Write --" + std::string(row->longName) + " alone.");
  }
  if (optopt == 0) return unknownLongOption(command, word);
  return unknownOption(command, std::string("-") + static_cast<char>(optopt), row);
}

/// The words of one command line, taken apart.
class CommandLine {
 public:
  CommandLine(int argc, const char* const* argv, const NamedFiles& files) : files_(files) {
    // getopt_long() reorders the words, and never writes into one.
    for (int i = 0; i < argc; ++i) words_.push_back(const_cast<char*>(argv[i]));
    words_.push_back(nullptr);
    if (argc > 1 && (command_ = findCommand(argv[1])) != nullptr) {
      given_.command = command_->command;
      words_.erase(words_.begin() + 1);
    }
  }

  Result<Options> parse();

 private:
  Result<void> apply(const OptionRow& row, std::string_view value);
  Result<void> check() const;
  Result<void> checkConflicts() const;
  Result<void> checkRotation() const;
  Result<Options> finish(std::size_t firstWord);
  Result<std::size_t> takeArguments(std::size_t firstWord);

  bool has(std::string_view name) const;
  /// For --help and its like, which answer at once whatever follows.
  bool isAnswered() const;

  NamedFiles files_;
  std::vector<char*> words_;
  const CommandRow* command_ = nullptr;
  std::vector<const OptionRow*> seen_;
  GivenOptions given_;
};

bool CommandLine::has(std::string_view name) const {
  for (const OptionRow* row : seen_) {
    if (optionName(*row) == name) return true;
  }
  return false;
}

bool CommandLine::isAnswered() const {
  switch (given_.action) {
    case Action::Help:
    case Action::Version:
    case Action::ListPorts:
    case Action::PrintManPage:
    case Action::PrintCompletion:
      return true;
    default:
      return false;
  }
}

Result<void> CommandLine::apply(const OptionRow& row, std::string_view value) {
  if (row.apply == nullptr) {
    return tl::unexpected(usageError(optionName(row) + " is refused: " + std::string(row.summary),
                                     std::string(row.details)));
  }
  if (const Problem problem = row.apply(given_, value)) {
    return tl::unexpected(
        usageError(optionName(row) + ": \"" + std::string(value) + "\" " + *problem, {}));
  }
  seen_.push_back(&row);
  return {};
}

Result<void> CommandLine::checkConflicts() const {
  for (const OptionConflict& conflict : optionConflicts()) {
    if (has(conflict.first) && has(conflict.second)) {
      return tl::unexpected(usageError(std::string(conflict.first) + " and " +
                                           std::string(conflict.second) +
                                           " do not go together: " + std::string(conflict.reason),
                                       std::string(conflict.hint)));
    }
  }
  return {};
}

Result<void> CommandLine::checkRotation() const {
  for (const std::string_view option : {"-C", "-G", "-W", "-z"}) {
    if (!has(option)) continue;
    const std::string name(option);
    if (!given_.writeFile) {
      return tl::unexpected(
          usageError(name + " is about the files of -w, and there is none", "Name them with -w."));
    }
    if (*given_.writeFile == "-") {
      return tl::unexpected(usageError(name + " is about files, and -w - writes to standard output",
                                       "Give -w a name."));
    }
    if (!has("-C") && !has("-G")) {
      return tl::unexpected(usageError(name + " is about several files, and -w alone writes one",
                                       "Say with -C or -G when another one begins."));
    }
  }
  return {};
}

Result<void> CommandLine::check() const {
  if (given_.timestampLevel > 5) {
    return tl::unexpected(usageError(
        "-t is given " + std::to_string(given_.timestampLevel) + " times, which means nothing",
        "Give it one to five times: -t to -ttttt."));
  }
  if (auto conflicts = checkConflicts(); !conflicts) return conflicts;
  if (has("--follow-file") && !has("-r")) {
    return tl::unexpected(
        usageError("--follow-file follows a file, and there is none", "Name it with -r."));
  }
  if (has("--create") && !has("-i")) {
    return tl::unexpected(
        usageError("--create makes the device of -i, and there is none", "Name it with -i."));
  }
  if (has("--pcapng") && !has("-w")) {
    return tl::unexpected(
        usageError("--pcapng is about the file of -w, and there is none", "Name it with -w."));
  }
  if (auto rotation = checkRotation(); !rotation) return rotation;
  if (has("--json") && has("-w") && !given_.printWhileWriting) {
    return tl::unexpected(
        usageError("--json prints packets, which -w writes instead",
                   "Add --print to have both, or send the JSON lines to a file with >."));
  }
  if (has("-I") && !has("-r") && !has("-V")) {
    return tl::unexpected(
        usageError("-I asks for the monitor mode of Wi-Fi, which a vsock device "
                   "has not",
                   "Drop -I."));
  }
  return {};
}

TimestampStyle timestampStyle(int level) {
  switch (level) {
    case 0:
      return TimestampStyle::TimeOfDay;
    case 1:
      return TimestampStyle::None;
    case 2:
      return TimestampStyle::Epoch;
    case 3:
      return TimestampStyle::SincePrevious;
    case 4:
      return TimestampStyle::DateAndTime;
    default:
      return TimestampStyle::SinceFirst;
  }
}

/// Which dump wins when several are asked for: -X, then -x, then -A, as in tcpdump.
HexDump hexDump(const GivenOptions& given) {
  if (given.hexAsciiLevel > 0) {
    return given.hexAsciiLevel > 1 ? HexDump::HexAsciiWithLink : HexDump::HexAscii;
  }
  if (given.hexLevel > 0) return given.hexLevel > 1 ? HexDump::HexWithLink : HexDump::Hex;
  if (given.asciiLevel > 0) return given.asciiLevel > 1 ? HexDump::AsciiWithLink : HexDump::Ascii;
  return HexDump::None;
}

/// Takes the command's own words, and returns where the filter begins.
Result<std::size_t> CommandLine::takeArguments(std::size_t firstWord) {
  if (command_ == nullptr) return firstWord;
  const std::string usage = invocation(command_) + ' ' + std::string(command_->usage);
  std::size_t next = firstWord;
  while (words_[next] != nullptr && given_.arguments.size() < command_->mostArguments) {
    given_.arguments.emplace_back(words_[next++]);
  }
  if (given_.arguments.size() < command_->leastArguments) {
    return tl::unexpected(
        usageError(invocation(command_) + " needs another word", "Write " + usage + "."));
  }
  if (words_[next] != nullptr && !command_->takesFilter) {
    return tl::unexpected(
        usageError(invocation(command_) + " does not know what to do with \"" + words_[next] + '"',
                   invocation(command_) + " --help tells what it takes."));
  }
  return next;
}

Result<Options> CommandLine::finish(std::size_t firstWord) {
  // tcpdump lists its devices before it looks at anything else.
  if (given_.action == Action::ListInterfaces) return static_cast<Options&>(given_);
  if (const auto checked = check(); !checked) return tl::unexpected(checked.error());
  const Result<std::size_t> firstFilterWord = takeArguments(firstWord);
  if (!firstFilterWord) return tl::unexpected(firstFilterWord.error());

  Options options = given_;
  options.timestamps = timestampStyle(given_.timestampLevel);
  options.hexDump = hexDump(given_);
  if (given_.readFile) options.readFiles = {*given_.readFile};
  if (given_.fileList) {
    auto names = files_.list(*given_.fileList);
    if (!names) return tl::unexpected(names.error());
    options.readFiles = *std::move(names);
    options.readsFileList = true;
  }
  if (!options.readFiles.empty()) options.interface.reset();
  if (given_.filterFile) {
    auto filter = files_.filter(*given_.filterFile);
    if (!filter) return tl::unexpected(filter.error());
    options.filter = *std::move(filter);
  } else {
    for (std::size_t i = *firstFilterWord; words_[i] != nullptr; ++i) {
      if (i > *firstFilterWord) options.filter += ' ';
      options.filter += words_[i];
    }
  }
  return options;
}

Result<Options> CommandLine::parse() {
  const GetoptTable& table = getoptTable(command_);
  const int argc = static_cast<int>(words_.size()) - 1;
  if (argc < 1) return Options{};

  opterr = 0;
  optind = 0;  // glibc: begin anew, and forget the last command line
  for (;;) {
    const int returned =
        getopt_long(argc, words_.data(), table.letters.c_str(), table.longOptions.data(), nullptr);
    if (returned == -1) break;
    const OptionRow* row = findRow(returned);
    if (row == nullptr) {
      return tl::unexpected(
          describeFailure(command_, returned, words_[static_cast<std::size_t>(optind - 1)]));
    }
    const std::string_view value = row->kind == ArgumentKind::None ? "" : optarg;
    if (const auto applied = apply(*row, value); !applied) return tl::unexpected(applied.error());
    if (isAnswered()) return static_cast<Options&>(given_);
  }
  return finish(static_cast<std::size_t>(optind));
}

}  // namespace

Result<Options> parseCommandLine(int argc, const char* const* argv, const NamedFiles& files) {
  return CommandLine(argc, argv, files).parse();
}

}  // namespace vsdump
