// SPDX-License-Identifier: GPL-2.0-or-later
// Real captures whose records are dropped, swapped, repeated, cut and moved in time, as the program
// itself takes them.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <string_view>

#include "tests/capture/file/drained.h"
#include "tests/capture/file/temporary.h"
#include "tests/samples/samples.h"

namespace vsdump::test {
namespace {

constexpr std::uint32_t kNanosecondMagic = 0xa1b23c4d;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kLastSecond = 0xffffffff;  // that a pcap file can hold

/// Changes records at random, the same way for the same seed.
class Mutator {
 public:
  Mutator(std::vector<Packet> packets, unsigned seed)
      : packets_(std::move(packets)), random_(seed) {}

  std::vector<Packet> mutate() {
    const std::size_t changes = 1 + packets_.size() / 4;
    for (std::size_t i = 0; i < changes && !packets_.empty(); ++i) change();
    for (std::size_t i = 0; i < packets_.size(); ++i) {
      packets_[i].number = i + 1;
      packets_[i].interface = 0;
    }
    return packets_;
  }

 private:
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  void change() {
    const auto at = packets_.begin() + static_cast<std::ptrdiff_t>(below(packets_.size()));
    switch (below(7)) {
      case 0:
        packets_.erase(at);
        break;
      case 1:
        std::swap(*at, packets_[below(packets_.size())]);
        break;
      case 2:
        packets_.insert(at, Packet(*at));
        break;
      case 3:  // as a snapshot length does
        at->bytes.resize(below(at->bytes.size() + 1));
        break;
      case 4:  // as somebody does who forgets that
        at->bytes.resize(below(at->bytes.size() + 1));
        at->wireLength = static_cast<std::uint32_t>(at->bytes.size());
        break;
      case 5:
        at->timestampNs = static_cast<std::int64_t>(below(kLastSecond * kSecondNs));
        break;
      default:
        at->wireLength = static_cast<std::uint32_t>(below(1U << 31));
    }
  }

  std::vector<Packet> packets_;
  std::mt19937 random_;
};

std::vector<std::string> linesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Runs the program on a file; its messages go to FILE.err.
CommandResult run(const std::string& options, const std::string& file) {
  return runCommand("(TZ=UTC " VSDUMP_PROGRAM " " + options + " -r '" + file + "' 2>'" + file +
                    ".err')");
}

std::string saidAbout(const std::string& file) {
  const auto bytes = readWholeFile(file + ".err");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string jsonTime(std::int64_t ns) {
  std::string fraction = std::to_string(ns % kSecondNs);
  fraction.insert(0, 9 - fraction.size(), '0');
  return "\"time\":\"" + std::to_string(ns / kSecondNs) + "." + fraction + "\"";
}

class MutatedSample : public testing::TestWithParam<unsigned> {
 protected:
  /// Each sample, mutated with this seed, as a file; `use` gets its path and what is in it.
  template <typename Use>
  void forEach(const Use& use) {
    constexpr std::size_t kPackets = 100;
    for (const SampleFile& sample : sampleFiles()) {
      SCOPED_TRACE(sample.name);
      const auto packets = Mutator(firstPackets(sample, kPackets), GetParam()).mutate();
      const auto bytes = pcapFile(packets, {.magic = kNanosecondMagic});
      use(folder_.write("mutated.pcap", bytes), packets, bytes);
      if (HasFatalFailure()) return;
    }
  }

  TemporaryFolder folder_;
};

TEST_P(MutatedSample, IsPrintedALineAPacket) {
  forEach([](const std::string& file, const std::vector<Packet>& packets, const auto&) {
    const CommandResult printed = run("-t", file);
    ASSERT_EQ(printed.exitCode, 0) << saidAbout(file);
    ASSERT_EQ(linesOf(printed.output).size(), packets.size());
    const CommandResult counted = run("--count", file);
    ASSERT_EQ(counted.output,
              std::to_string(packets.size()) + (packets.size() == 1 ? " packet\n" : " packets\n"));
  });
}

TEST_P(MutatedSample, KeepsTimesAndLengthsInJson) {
  forEach([](const std::string& file, const std::vector<Packet>& packets, const auto&) {
    const CommandResult printed = run("--json", file);
    ASSERT_EQ(printed.exitCode, 0) << saidAbout(file);
    const auto lines = linesOf(printed.output);
    ASSERT_EQ(lines.size(), packets.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto lengths = "\"length\":" + std::to_string(packets[i].wireLength) +
                           ",\"captured_length\":" + std::to_string(packets[i].bytes.size()) + ",";
      ASSERT_NE(lines[i].find(lengths), std::string::npos) << lines[i] << " lacks " << lengths;
      ASSERT_NE(lines[i].find(jsonTime(packets[i].timestampNs)), std::string::npos) << lines[i];
    }
  });
}

TEST_P(MutatedSample, IsWrittenAsItWasRead) {
  forEach([](const std::string& file, const std::vector<Packet>& packets, const auto&) {
    const CommandResult written = run("-Z root --nano -w '" + file + ".copy'", file);
    ASSERT_EQ(written.exitCode, 0) << saidAbout(file);
    ASSERT_EQ(drainFile(file + ".copy").packets, packets);
  });
}

TEST_P(MutatedSample, IsReadToItsEndByEveryCommand) {
  forEach([](const std::string& file, const std::vector<Packet>& packets, const auto&) {
    for (const char* options : {"-q -vv -X", "connections", "messages", "report --json"}) {
      ASSERT_EQ(run(options, file).exitCode, 0) << options << ": " << saidAbout(file);
    }
    const CommandResult report = run("report", file);
    ASSERT_EQ(report.exitCode, 0) << saidAbout(file);
    const auto counted = file + ": " + std::to_string(packets.size()) + " packet";
    ASSERT_EQ(report.output.substr(0, counted.size()), counted);

    const CommandResult stats = run("stats --json", file);
    ASSERT_EQ(stats.exitCode, 0) << saidAbout(file);
    constexpr std::string_view kKey = "\"packets\":";
    std::size_t sum = 0;
    for (const std::string& line : linesOf(stats.output)) {
      if (!line.starts_with("{\"record\":\"interval\"")) continue;
      if (const auto at = line.find(kKey); at != std::string::npos) {
        sum += std::stoul(line.substr(at + kKey.size()));
      }
    }
    ASSERT_EQ(sum, packets.size());

    const CommandResult followed = run("follow 0", file);
    const bool hasNone = saidAbout(file).find("there is no connection 0") != std::string::npos;
    ASSERT_EQ(followed.exitCode, hasNone ? 1 : 0) << saidAbout(file);
  });
}

TEST_P(MutatedSample, CutInARecordIsPrintedUpToThereAndSaysSo) {
  forEach([this](const std::string&, const std::vector<Packet>& packets,
                 std::vector<std::byte> bytes) {
    const auto offsets = pcapRecordOffsets(packets);
    std::mt19937 random(GetParam());
    const auto record = std::uniform_int_distribution<std::size_t>(0, packets.size() - 1)(random);
    const auto size = std::uniform_int_distribution<std::size_t>(offsets[record] + 1,
                                                                 offsets[record + 1] - 1)(random);
    bytes.resize(size);
    const std::string file = folder_.write("cut.pcap", bytes);
    const CommandResult printed = run("-t", file);
    ASSERT_EQ(printed.exitCode, 2);
    ASSERT_EQ(linesOf(printed.output).size(), record);
    const std::string said = saidAbout(file);
    ASSERT_NE(said.find("vsdump: " + file), std::string::npos) << said;
    ASSERT_NE(said.find(std::to_string(offsets[record])), std::string::npos) << said;
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, MutatedSample, testing::Range(1U, 3U));

}  // namespace
}  // namespace vsdump::test
