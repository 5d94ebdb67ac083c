// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/options/support.h"

namespace vsdump {
namespace {

using test::join;
using test::parse;
using test::refusal;
using test::TemporaryFile;
using test::Words;
using testing::ElementsAre;

/// Words, and what they make of the defaults.
struct Case {
  Words words;
  std::function<void(Options&)> expected;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases{
      {{}, [](Options&) {}},
      {{"-i", "vsockmon0"}, [](Options& o) { o.interface = "vsockmon0"; }},
      {{"-i", "1"}, [](Options& o) { o.interface = "1"; }},
      {{"-r", "a.pcap"}, [](Options& o) { o.readFiles = {"a.pcap"}; }},
      {{"-r", "-"}, [](Options& o) { o.readFiles = {"-"}; }},
      {{"-r-"}, [](Options& o) { o.readFiles = {"-"}; }},
      {{"-i", "lo", "-r", "a.pcap"}, [](Options& o) { o.readFiles = {"a.pcap"}; }},
      {{"-i", "vm7", "--create"},
       [](Options& o) {
         o.interface = "vm7";
         o.createAnyName = true;
       }},
      {{"-r", "a", "--follow-file"},
       [](Options& o) {
         o.readFiles = {"a"};
         o.followFile = true;
       }},
      {{"-c", "5"}, [](Options& o) { o.packetCount = 5; }},
      {{"-c5"}, [](Options& o) { o.packetCount = 5; }},
      {{"-c", "010"}, [](Options& o) { o.packetCount = 10; }},
      {{"-c", "3", "-c", "1"}, [](Options& o) { o.packetCount = 1; }},
      {{"-c", "18446744073709551615"}, [](Options& o) { o.packetCount = ~std::uint64_t{0}; }},
      {{"--skip", "0"}, [](Options& o) { o.skipPackets = 0; }},
      {{"--skip=9"}, [](Options& o) { o.skipPackets = 9; }},
      {{"-s", "100"}, [](Options& o) { o.snapshotLengthBytes = 100; }},
      {{"-s", "0x10"}, [](Options& o) { o.snapshotLengthBytes = 16; }},
      {{"-s", "010"}, [](Options& o) { o.snapshotLengthBytes = 8; }},
      {{"-s", "0"}, [](Options& o) { o.snapshotLengthBytes = 262144; }},
      {{"-s", "262144"}, [](Options& o) { o.snapshotLengthBytes = 262144; }},
      {{"--headers-only"}, [](Options& o) { o.snapshotLengthBytes = 76; }},
      {{"--headers-only", "-s0"}, [](Options& o) { o.snapshotLengthBytes = 262144; }},
      {{"-s0", "--headers-only"}, [](Options& o) { o.snapshotLengthBytes = 76; }},
      {{"-B", "2097151"}, [](Options& o) { o.bufferKiB = 2097151; }},
      {{"-Q", "in"}, [](Options& o) { o.direction = TrafficDirection::In; }},
      {{"-Q", "OUT"}, [](Options& o) { o.direction = TrafficDirection::Out; }},
      {{"-Qin", "-Qinout"}, [](Options&) {}},
      {{"--nano"}, [](Options& o) { o.nanoseconds = true; }},
      {{"--nano", "--micro"}, [](Options&) {}},
      {{"--time-stamp-precision=nanoseconds"}, [](Options& o) { o.nanoseconds = true; }},
      {{"--time-stamp-precision=micro", "--nano"}, [](Options& o) { o.nanoseconds = true; }},
      {{"-j", "HOST"}, [](Options& o) { o.timestampType = "host"; }},
      {{"-y", "vsock"}, [](Options& o) { o.linkType = "VSOCK"; }},
      {{"-Z", "nobody"}, [](Options& o) { o.user = "nobody"; }},
      {{"-p"}, [](Options& o) { o.promiscuous = false; }},
      {{"-O"}, [](Options& o) { o.optimizeFilter = false; }},
      {{"-ddd", "less", "77"},
       [](Options& o) {
         o.action = Action::PrintFilterCode;
         o.filterCode = 3;
         o.filter = "less 77";
       }},
      {{"--immediate-mode"}, [](Options& o) { o.immediateMode = true; }},
      {{"-w", "b.pcap"}, [](Options& o) { o.writeFile = "b.pcap"; }},
      {{"-w", "b", "--pcapng"},
       [](Options& o) {
         o.writeFile = "b";
         o.pcapng = true;
       }},
      {{"-w", "-", "--print"},
       [](Options& o) {
         o.writeFile = "-";
         o.printWhileWriting = true;
       }},
      {{"--print-sampling=10"},
       [](Options& o) {
         o.printEvery = 10;
         o.printWhileWriting = true;
       }},
      {{"-w", "b", "--json", "--print"},
       [](Options& o) {
         o.writeFile = "b";
         o.json = true;
         o.printWhileWriting = true;
       }},
      {{"--count"}, [](Options& o) { o.countOnly = true; }},
      {{"-U"}, [](Options& o) { o.packetBuffered = true; }},
      {{"-l"}, [](Options& o) { o.lineBuffered = true; }},
      {{"-q"}, [](Options& o) { o.quiet = true; }},
      {{"--json"}, [](Options& o) { o.json = true; }},
      {{"--lengths"}, [](Options& o) { o.recordLengths = true; }},
      {{"-v"}, [](Options& o) { o.verbosity = 1; }},
      {{"-v", "-vv"}, [](Options& o) { o.verbosity = 3; }},
      {{"-n"}, [](Options& o) { o.numericNames = true; }},
      {{"-nn"}, [](Options& o) { o.numericNames = true; }},
      {{"-#"}, [](Options& o) { o.numbers = true; }},
      {{"-t"}, [](Options& o) { o.timestamps = TimestampStyle::None; }},
      {{"-tt"}, [](Options& o) { o.timestamps = TimestampStyle::Epoch; }},
      {{"-t", "-tt"}, [](Options& o) { o.timestamps = TimestampStyle::SincePrevious; }},
      {{"-tttt"}, [](Options& o) { o.timestamps = TimestampStyle::DateAndTime; }},
      {{"-ttttt"}, [](Options& o) { o.timestamps = TimestampStyle::SinceFirst; }},
      {{"-x"}, [](Options& o) { o.hexDump = HexDump::Hex; }},
      {{"-x", "-x"}, [](Options& o) { o.hexDump = HexDump::HexWithLink; }},
      {{"-xxx"}, [](Options& o) { o.hexDump = HexDump::HexWithLink; }},
      {{"-X"}, [](Options& o) { o.hexDump = HexDump::HexAscii; }},
      {{"-XX"}, [](Options& o) { o.hexDump = HexDump::HexAsciiWithLink; }},
      {{"-A"}, [](Options& o) { o.hexDump = HexDump::Ascii; }},
      {{"-AA"}, [](Options& o) { o.hexDump = HexDump::AsciiWithLink; }},
      {{"-X", "-x"}, [](Options& o) { o.hexDump = HexDump::HexAscii; }},
      {{"-A", "-x"}, [](Options& o) { o.hexDump = HexDump::Hex; }},
      {{"-X", "-A"}, [](Options& o) { o.hexDump = HexDump::HexAscii; }},
      {{"-Axx", "-XX"}, [](Options& o) { o.hexDump = HexDump::HexAsciiWithLink; }},
      {{"--color=never"}, [](Options& o) { o.color = ColorMode::Never; }},
      {{"--color", "always"}, [](Options& o) { o.color = ColorMode::Always; }},
      {{"--color=never", "--color=auto"}, [](Options&) {}},
      {{"-D"}, [](Options& o) { o.action = Action::ListInterfaces; }},
      {{"-L"}, [](Options& o) { o.action = Action::ListLinkTypes; }},
      {{"-J", "-i", "v"},
       [](Options& o) {
         o.action = Action::ListTimestampTypes;
         o.interface = "v";
       }},
      {{"-h"}, [](Options& o) { o.action = Action::Help; }},
      {{"--help", "--nonsense", "-c", "0"}, [](Options& o) { o.action = Action::Help; }},
      {{"--version"}, [](Options& o) { o.action = Action::Version; }},
      {{"--print-man-page=vsdump-filter.7"},
       [](Options& o) {
         o.action = Action::PrintManPage;
         o.manPage = ManPage::Filter;
       }},
      {{"--print-completion=zsh"},
       [](Options& o) {
         o.action = Action::PrintCompletion;
         o.completionShell = Shell::Zsh;
       }},
      // Bundles.
      {{"-nvvXr", "F"},
       [](Options& o) {
         o.numericNames = true;
         o.verbosity = 2;
         o.hexDump = HexDump::HexAscii;
         o.readFiles = {"F"};
       }},
      {{"-#ntttt"},
       [](Options& o) {
         o.numbers = true;
         o.numericNames = true;
         o.timestamps = TimestampStyle::DateAndTime;
       }},
      {{"-ic", "-rF"}, [](Options& o) { o.readFiles = {"F"}; }},
      // What only other protocols need.
      {{"-abeHKNSu", "-E", "x", "-M", "y", "-m", "z", "-T", "rpc"}, [](Options&) {}},
      // Filter words.
      {{"less", "77"}, [](Options& o) { o.filter = "less 77"; }},
      {{"less 77  and", "link[0]  =  3"},
       [](Options& o) { o.filter = "less 77  and link[0]  =  3"; }},
      {{"less", "-c1", "77", "-n"},
       [](Options& o) {
         o.filter = "less 77";
         o.packetCount = 1;
         o.numericNames = true;
       }},
      {{"--", "-c", "1"}, [](Options& o) { o.filter = "-c 1"; }},
      {{"less", "--", "77", "-n"}, [](Options& o) { o.filter = "less 77 -n"; }},
      {{"-"}, [](Options& o) { o.filter = "-"; }},
      {{""}, [](Options&) {}},
      {{"", "x"}, [](Options& o) { o.filter = " x"; }},
      {{"sometext"}, [](Options& o) { o.filter = "sometext"; }},
  };
  return kCases;
}

TEST(Parser, MakesOfWordsWhatTheyMean) {
  for (const Case& one : cases()) {
    Options expected;
    one.expected(expected);
    const auto options = parse(one.words);
    ASSERT_TRUE(options) << join(one.words) << ": " << describe(options.error());
    EXPECT_EQ(*options, expected) << join(one.words);
  }
}

TEST(Parser, RefusesInASentenceThatSaysWhatToDo) {
  const std::vector<std::pair<Words, std::string>> kRefusals{
      {{"-k"}, "-k is not an option of vsdump. vsdump --help lists the options."},
      {{"-nk"}, "-k is not an option of vsdump. vsdump --help lists the options."},
      {{"-:"}, "-: is not an option of vsdump. vsdump --help lists the options."},
      {{"-?"}, "-? is not an option of vsdump. vsdump --help lists the options."},
      {{"--nonsense"}, "--nonsense is not an option of vsdump. vsdump --help lists the options."},
      {{"--jsno"}, "--jsno is not an option of vsdump. Did you mean --json?"},
      {{"--interfce=x"}, "--interfce is not an option of vsdump. Did you mean --interface?"},
      {{"x", "--jsno", "y"}, "--jsno is not an option of vsdump. Did you mean --json?"},
      {{"--list"},
       "--list is short for several options. Write --list-interfaces, --list-data-link-types, "
       "--list-time-stamp-types, --list-ports or --list-remote-interfaces."},
      {{"--time=nano"},
       "--time is short for several options. Write --time-stamp-type, --time-stamp-precision or "
       "--time-t-size."},
      {{"-c"}, "-c needs a value. Write -c COUNT."},
      {{"-nr"}, "-r needs a value. Write -r FILE."},
      {{"--color"}, "--color needs a value. Write --color=WHEN."},
      {{"--count=3"}, "--count takes no value. Write --count alone."},
      {{"--cou=3"}, "--count takes no value. Write --count alone."},
      {{"-c", "0"}, "-c: \"0\" is not a whole number from 1 up"},
      {{"-c", "x"}, "-c: \"x\" is not a whole number from 1 up"},
      {{"-c", "2x"}, "-c: \"2x\" is not a whole number from 1 up"},
      {{"-c", "-1"}, "-c: \"-1\" is not a whole number from 1 up"},
      {{"-c", ""}, "-c: \"\" is not a whole number from 1 up"},
      {{"-c", "18446744073709551616"},
       "-c: \"18446744073709551616\" is not a whole number from 1 up"},
      {{"-s", "262145"}, "-s: \"262145\" is not a whole number from 0 to 262144"},
      {{"-s", "0x"}, "-s: \"0x\" is not a whole number from 0 to 262144"},
      {{"-B", "0"}, "-B: \"0\" is not a whole number from 1 to 2097151"},
      {{"-B", "2097152"}, "-B: \"2097152\" is not a whole number from 1 to 2097151"},
      {{"-Q", "both"}, "-Q: \"both\" is none of in, out and inout"},
      {{"-y", "EN10MB"}, "-y: \"EN10MB\" is not VSOCK, the one link type that vsdump reads"},
      {{"-r", ""}, "-r: \"\" is empty; it needs a name"},
      {{"-tttttt"},
       "-t is given 6 times, which means nothing. Give it one to five times: -t to -ttttt."},
      {{"-C", "10"}, "-C is about the files of -w, and there is none. Name them with -w."},
      {{"-G", "10", "-w", "-"},
       "-G is about files, and -w - writes to standard output. Give -w a name."},
      {{"-W", "10", "-w", "x"},
       "-W is about several files, and -w alone writes one. Say with -C or -G when another one "
       "begins."},
      {{"-C", "1t", "-w", "x"},
       "-C: \"1t\" is no size: a whole number of millions of bytes, or one with k, m or g behind "
       "it"},
      {{"-r", "a", "-V", "b"},
       "-V and -r do not go together: both say what to read. Add the file to the list of -V."},
      {{"-r", "a", "-Qin"},
       "-Q and -r do not go together: a capture file has no local side. Select the CIDs with a "
       "filter instead."},
      {{"--json", "-q"},
       "--json and -q do not go together: each asks for another form of line. Drop one of them."},
      {{"--follow-file"}, "--follow-file follows a file, and there is none. Name it with -r."},
      {{"--create"}, "--create makes the device of -i, and there is none. Name it with -i."},
      {{"--json", "-w", "x"},
       "--json prints packets, which -w writes instead. Add --print to have both, or send the JSON "
       "lines to a file with >."},
      {{"-I"}, "-I asks for the monitor mode of Wi-Fi, which a vsock device has not. Drop -I."},
      {{"--print-completion=tcsh"}, "--print-completion: \"tcsh\" is none of bash, zsh and fish"},
  };
  for (const auto& [words, sentence] : kRefusals) {
    const auto options = parse(words);
    ASSERT_FALSE(options) << join(words);
    EXPECT_EQ(describe(options.error()), sentence) << join(words);
    EXPECT_EQ(options.error().kind, ErrorKind::Usage) << join(words);
  }
}

TEST(Parser, RefusesEachPairOfOptionsThatDoNotGoTogether) {
  const TemporaryFile list("list", "a.pcap\n");
  const auto spell = [&](std::string_view name) -> Words {
    for (const OptionRow& row : optionTable()) {
      if (optionName(row) != name) continue;
      if (row.kind == ArgumentKind::None) return {std::string(name)};
      return {std::string(name), row.letter == 'V' ? list.path() : test::goodValue(row)};
    }
    return {};
  };
  for (const OptionConflict& conflict : optionConflicts()) {
    Words words = spell(conflict.first);
    const Words second = spell(conflict.second);
    words.insert(words.end(), second.begin(), second.end());
    EXPECT_THAT(refusal(words), testing::StartsWith(std::string(conflict.first) + " and " +
                                                    std::string(conflict.second)))
        << join(words);
  }
}

TEST(Parser, ListsDevicesBeforeItMindsAnythingElse) {
  const auto options = parse({"-D", "-tttttt", "-r", "a", "-V", "b"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->action, Action::ListInterfaces);
}

TEST(Parser, TakesTheFilterOfAFileAndIgnoresTheWords) {
  const TemporaryFile file("filter", "less 77 # short");
  EXPECT_EQ(parse({"-F", file.path(), "greater", "100"})->filter, "less 77        ");
}

TEST(Parser, TakesTheNamesOfAList) {
  const TemporaryFile file("list", "a.pcap\nb.pcap\n");
  const auto options = parse({"-i", "lo", "-V", file.path()});
  ASSERT_TRUE(options);
  EXPECT_THAT(options->readFiles, ElementsAre("a.pcap", "b.pcap"));
  EXPECT_TRUE(options->readsFileList);
  EXPECT_FALSE(options->interface);
}

TEST(Parser, NamesTheFileThatItCannotRead) {
  EXPECT_EQ(refusal({"-V", "/nowhere/list"}),
            "cannot open list of files /nowhere/list: No such file or directory");
  EXPECT_EQ(refusal({"-F", "/nowhere/filter"}),
            "cannot open filter file /nowhere/filter: No such file or directory");
}

TEST(Parser, ForgetsOneCommandLineBeforeTheNext) {
  EXPECT_FALSE(parse({"-nvk"}));
  EXPECT_EQ(parse({"-n"})->verbosity, 0);
  EXPECT_FALSE(parse({"a", "b", "-r"}));
  EXPECT_EQ(parse({"c"})->filter, "c");
}

TEST(Parser, HasDefaultsForNoWordsAtAll) {
  EXPECT_EQ(*parseCommandLine(0, nullptr), Options{});
  const char* name = "vsdump";
  EXPECT_EQ(*parseCommandLine(1, &name), Options{});
}

/// Words as a person, a script or a monkey types them.
rc::Gen<std::string> anyWord() {
  std::vector<std::string> known{"-", "--", "-n", "lo", "1", "0", "/dev/null", "=", "in", "VSOCK"};
  for (const OptionRow& row : optionTable()) {
    if (row.letter != 0) known.push_back({'-', row.letter});
    if (!row.longName.empty()) known.push_back("--" + std::string(row.longName));
  }
  const auto part = rc::gen::oneOf(rc::gen::elementOf(known),
                                   rc::gen::container<std::string>(rc::gen::inRange('!', '\x7f')),
                                   rc::gen::container<std::string>(rc::gen::nonZero<char>()));
  return rc::gen::oneOf(part, rc::gen::map(rc::gen::pair(part, part), [](const auto& parts) {
                          return parts.first + parts.second;
                        }));
}

RC_GTEST_PROP(Parser, EndsInOptionsOrASentenceWhateverTheWords, ()) {
  // -V may ask for standard input.
  static std::FILE* const emptyInput = std::freopen("/dev/null", "r", stdin);
  RC_ASSERT(emptyInput != nullptr);
  const auto words = *rc::gen::container<Words>(anyWord());
  const auto options = parse(words);
  if (!options) RC_ASSERT(!describe(options.error()).empty());
  const auto again = parse(words);
  RC_ASSERT(options.has_value() == again.has_value());
  if (options) RC_ASSERT(*options == *again);
}

}  // namespace
}  // namespace vsdump
