// SPDX-License-Identifier: GPL-2.0-or-later
// The parser beside the real tcpdump: the same words, on a capture of one packet, are accepted by
// both or refused by both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/options/option_table.h"
#include "cli/options/parser.h"
#include "tests/cli/options/support.h"

namespace vsdump {
namespace {

using test::join;
using test::parse;
using test::refusal;
using test::run;
using test::TemporaryFile;
using test::Words;

/// A pcap file of one REQUEST of 76 bytes from 3.1024 to 2.1234.
std::string onePacketCapture() {
  std::string file;
  const auto number = [&](std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) file += static_cast<char>(value >> (8 * i));
  };
  const auto addresses = [&] {
    number(3, 8);
    number(2, 8);
    number(1024, 4);
    number(1234, 4);
  };
  for (const std::uint32_t field : {0xa1b2c3d4U, 0x00040002U, 0U, 0U, 262144U, 271U}) {
    number(field, 4);
  }
  for (const std::uint32_t field : {1500000000U, 261679U, 76U, 76U}) number(field, 4);
  addresses();
  number(1, 2);   // CONNECT
  number(2, 2);   // VIRTIO
  number(44, 2);  // of the virtio header
  number(0, 2);
  addresses();
  number(0, 4);       // no payload
  number(1, 2);       // STREAM
  number(1, 2);       // REQUEST
  number(0, 4);       // no flags
  number(262144, 4);  // buf_alloc
  number(0, 4);       // fwd_cnt
  return file;
}

class LikeTcpdump : public testing::Test {
 protected:
  bool tcpdumpAccepts(Words words) const {
    words.insert(words.begin(), "tcpdump");
    return run(words).exitCode == 0;
  }

  TemporaryFile capture_{"one.pcap", onePacketCapture()};
};

/// Whether the word, with a value if need be, was understood, be it refused for another reason.
bool isUnderstood(const std::string& refused) {
  return refused.find("is not an option of vsdump") == std::string::npos &&
         refused.find("is short for several options") == std::string::npos;
}

TEST_F(LikeTcpdump, ReadsTheCaptureOfTheseTests) {
  const auto result = run({"tcpdump", "-t", "-r", capture_.path()});
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_THAT(result.output, testing::HasSubstr("VIRTIO 3.1024 > 2.1234 CONNECT, length 76"));
}

TEST_F(LikeTcpdump, TakesEveryAbbreviationForTheSameOption) {
  int compared = 0;
  for (const OptionRow& row : optionTable()) {
    if (row.origin != OptionOrigin::Tcpdump || row.longName.empty()) continue;
    const std::string value = row.kind == ArgumentKind::None ? "" : "=" + test::goodValue(row);
    const std::string whole = "--" + std::string(row.longName) + value;
    for (std::size_t length = 1; length <= row.longName.size(); ++length) {
      const std::string word = "--" + std::string(row.longName.substr(0, length)) + value;
      const std::string refused = refusal({word});
      EXPECT_EQ(tcpdumpAccepts({word, "-r", capture_.path()}), isUnderstood(refused)) << word;
      ++compared;
      if (!isUnderstood(refused)) continue;
      const auto options = parse({word});
      const auto wholeOptions = parse({whole});
      EXPECT_EQ(refused, refusal({whole})) << word;
      EXPECT_EQ(options.value_or(Options{}), wholeOptions.value_or(Options{})) << word;
    }
  }
  EXPECT_GT(compared, 200);
}

TEST_F(LikeTcpdump, TakesEveryLetterThatTcpdumpTakes) {
  for (int letter = '!'; letter < 0x7f; ++letter) {
    const std::string word{'-', static_cast<char>(letter)};
    const OptionRow* row = nullptr;
    for (const OptionRow& one : optionTable()) {
      if (one.letter == letter) row = &one;
    }
    if (row != nullptr && row->origin != OptionOrigin::Tcpdump) continue;
    // "--" is no letter, -V wants a list, and tcpdump refuses -f beside -r.
    if (letter == '-' || letter == 'V' || letter == 'f') continue;
    Words words{"-r", capture_.path(), word};
    if (row != nullptr && row->kind != ArgumentKind::None) {
      words.push_back(letter == 'r' ? capture_.path() : test::goodValue(*row));
    }
    EXPECT_EQ(tcpdumpAccepts(words), isUnderstood(refusal(words))) << join(words);
  }
}

TEST_F(LikeTcpdump, AcceptsAndRefusesTheSameWords) {
  const TemporaryFile list("list", capture_.path() + "\n");
  const TemporaryFile filter("filter", "less 77 # short\n");
  const std::string& file = capture_.path();
  const std::vector<Words> kLines{
      {"-r", file},
      {"-nvvXr", file},
      {"-#nttttr", file},
      {"-r" + file, "-c1"},
      {"-c", "1", "-r", file, "less", "77"},
      {"less", "-r", file, "77"},
      {"-r", file, "--", "less", "77"},
      {"-r", file, "less", "77", "--"},
      {"-F", filter.path(), "-r", file, "not", "a", "filter"},
      {"-F", "/nowhere/filter", "-r", file},
      {"-V", list.path()},
      {"-V", list.path(), "-c1", "--count"},
      {"-V", list.path(), "-r", file},
      {"-V", "/dev/null"},
      {"-V", "/nowhere/list"},
      {"-i", "lo", "-r", file},
      {"-r", file, "--print"},
      {"-r", file, "--count", "-c", "2"},
      {"-r", file, "--count", "-w", "/dev/null"},
      {"-r", file, "--count", "--print", "-w", "/dev/null"},
      {"-r", file, "-w", "/dev/null", "-w", "/dev/null"},
      {"-r", file, "-xXA"},
      {"-r", file, "-xxXXAA"},
      {"-r", file, "-ttttt"},
      {"-r", file, "-tttttt"},
      {"-r", file, "-t", "-t", "-t", "-t", "-t", "-t"},
      {"-r", file, "-c", "0"},
      {"-r", file, "-c", "-1"},
      {"-r", file, "-c", "x"},
      {"-r", file, "-c", ""},
      {"-r", file, "-c3", "-c", "1"},
      {"-r", file, "-s", "0"},
      {"-r", file, "-s", "0x10"},
      {"-r", file, "-s", "262144"},
      {"-r", file, "-s", "262145"},
      {"-r", file, "-s", "-1"},
      {"-r", file, "-s", "x"},
      {"-r", file, "-B", "0"},
      {"-r", file, "-B", "1"},
      {"-r", file, "-B", "2097151"},
      {"-r", file, "-B", "2097152"},
      {"-r", file, "-y", "VSOCK"},
      {"-r", file, "-y", "vsock"},
      {"-r", file, "-y", "NONSENSE"},
      {"-r", file, "-j", "host"},
      {"-r", file, "-j", "ADAPTER"},
      {"-r", file, "-j", "nonsense"},
      {"-r", file, "-T", "rpc"},
      {"-r", file, "-T", "SOMEIP"},
      {"-r", file, "-T", "nonsense"},
      {"-r", file, "-Q", "nonsense"},
      {"-r", file, "-f"},
      {"-r", file, "-I"},
      {"-r", file, "--time-stamp-precision=nano"},
      {"-r", file, "--time-stamp-precision=nanosecond"},
      {"-r", file, "--time-stamp-precision=milli"},
      {"-r", file, "--nano", "--micro"},
      {"-r", file, "-abeHKNSu", "-E", "x", "-M", "y", "-m", "z"},
      {"-r", file, "-Z", "root"},
      {"-r", file, "--count=1"},
      {"-r", file, "-k"},
      {"-r", file, "-nk"},
      {"-r"},
      {"-r", file, "-c"},
      {"--help", "--nonsense"},
      {"--nonsense", "--help"},
      {"--help=1"},
      {"-hk"},
      {"--version"},
      {"--version", "-c", "0"},
      {"-D", "-tttttt"},
  };
  for (const Words& words : kLines) {
    const std::string refused = refusal(words);
    EXPECT_EQ(tcpdumpAccepts(words), refused.empty()) << join(words) << ": " << refused;
  }
}

}  // namespace
}  // namespace vsdump
