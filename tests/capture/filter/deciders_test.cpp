// SPDX-License-Identifier: GPL-2.0-or-later
//
// The same question to several who can answer it: the condition itself, its program in libpcap's
// interpreter, libpcap's own compiler. The kernel is asked in tests/vm/filter.

#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "capture/file/open.h"
#include "capture/filter/compiler.h"
#include "dissector/filter/filter.h"
#include "tests/support/random_filters.h"

namespace vsdump {
namespace {

using support::RandomFilters;

constexpr std::array<std::uint32_t, 7> kSnapshotLengths = {262144, 76, 64, 40, 30, 19, 1};

std::vector<RandomFilters::Record> recordsOf(std::uint64_t seed, std::size_t count,
                                             std::uint32_t snapshotLength) {
  RandomFilters random(seed);
  std::vector<RandomFilters::Record> records;
  for (std::size_t i = 0; i < count; ++i) records.push_back(random.record(snapshotLength));
  return records;
}

FilterProgram programOf(const filter::Filter& filter, std::uint32_t snapshotLength, bool optimize) {
  const auto program =
      compile(filter, {.snapshotLengthBytes = snapshotLength, .optimize = optimize});
  EXPECT_TRUE(program) << describe(program.error());
  return *program;
}

/// Reads a capture that a test or the project has; empty when it is not there.
std::vector<std::vector<std::byte>> recordsIn(const std::filesystem::path& path) {
  std::vector<std::vector<std::byte>> records;
  auto descriptor = openInput(path);
  if (!descriptor) return records;
  auto source = openCapture(std::move(*descriptor), path, {});
  if (!source) return records;
  while (true) {
    const auto batch = (*source)->read();
    if (!batch) break;
    for (const Frame& frame : batch->frames) {
      records.emplace_back(frame.bytes.begin(), frame.bytes.end());
    }
    if (batch->state != SourceState::More) break;
  }
  return records;
}

TEST(Deciders, AgreeOnRandomRecords) {
  // Of 100,000 records each of 10,000 filters sees its own 300.
  constexpr std::size_t kFilters = 10000;
  constexpr std::size_t kRecords = 100000;
  constexpr std::size_t kEach = 300;
  std::vector<std::vector<RandomFilters::Record>> records;
  for (const std::uint32_t length : kSnapshotLengths) {
    records.push_back(recordsOf(length, kRecords / kSnapshotLengths.size() + 1, length));
  }
  RandomFilters random(1);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < kFilters; ++i) {
    const std::string text = random.filter(6);
    const auto filter = filter::parse(text);
    ASSERT_TRUE(filter) << text << ": " << filter.error().message;
    const std::size_t group = i % kSnapshotLengths.size();
    const FilterProgram program = programOf(*filter, kSnapshotLengths[group], true);
    const FilterProgram plain = programOf(*filter, kSnapshotLengths[group], false);
    for (std::size_t k = 0; k < kEach; ++k) {
      const Frame frame = records[group][(i * 37 + k) % records[group].size()].frame();
      const bool answer = filter->matches(frame);
      accepted += answer ? 1 : 0;
      ASSERT_EQ(program.accepts(frame), answer) << text << " on record " << k;
      ASSERT_EQ(plain.accepts(frame), answer) << text << " on record " << k << ", not optimised";
    }
  }
  // Neither all nor none: the answers mean something.
  EXPECT_GT(accepted, kFilters * kEach / 10);
  EXPECT_LT(accepted, kFilters * kEach * 9 / 10);
}

TEST(Deciders, AgreeOnTheSamples) {
  std::size_t files = 0;
  RandomFilters random(2);
  std::vector<filter::Filter> filters;
  std::vector<FilterProgram> programs;
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) {
    texts.push_back(random.filter(4));
    filters.push_back(*filter::parse(texts.back()));
    programs.push_back(programOf(filters.back(), 262144, true));
  }
  for (const auto& entry : std::filesystem::directory_iterator(VSDUMP_SOURCE_DIR "/samples")) {
    if (!entry.path().extension().string().starts_with(".pcap")) continue;
    const auto records = recordsIn(entry.path());
    ASSERT_FALSE(records.empty()) << entry.path();
    ++files;
    for (std::size_t r = 0; r < records.size(); ++r) {
      // Whole, and cut as a small snapshot length would cut it.
      for (const std::size_t size : {records[r].size(), std::min<std::size_t>(r % 80, 76)}) {
        const Frame frame{.bytes = std::span(records[r]).first(std::min(size, records[r].size())),
                          .wireLengthBytes = static_cast<std::uint32_t>(records[r].size())};
        for (std::size_t i = r % 7; i < filters.size(); i += 7) {
          // A program takes the captured length to be that of its own snapshot length.
          if (texts[i].find("caplen") != std::string::npos) continue;
          ASSERT_EQ(programs[i].accepts(frame), filters[i].matches(frame))
              << texts[i] << " on record " << r + 1 << " of " << entry.path();
        }
      }
    }
  }
  EXPECT_GE(files, 20U);
}

TEST(Deciders, AgreeWithLibpcapOnItsOwnLanguage) {
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> dead(pcap_open_dead(DLT_VSOCK, 262144),
                                                        pcap_close);
  const auto records = recordsOf(3, 2000, 262144);
  RandomFilters random(4);
  std::size_t compared = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random.lengthFilter(4);
    bpf_program theirs{};
    if (pcap_compile(dead.get(), &theirs, text.c_str(), 0, PCAP_NETMASK_UNKNOWN) != 0) {
      continue;  // such as two constants, which libpcap does not compare
    }
    ++compared;
    const auto filter = filter::parse(text);
    ASSERT_TRUE(filter) << text << ": " << filter.error().message;
    for (std::size_t k = 0; k < 200; ++k) {
      const Frame frame = records[(static_cast<std::size_t>(i) * 13 + k) % records.size()].frame();
      pcap_pkthdr header{};
      header.caplen = static_cast<bpf_u_int32>(frame.bytes.size());
      header.len = frame.wireLengthBytes;
      const bool theirAnswer =
          pcap_offline_filter(&theirs, &header,
                              reinterpret_cast<const u_char*>(frame.bytes.data())) != 0;
      ASSERT_EQ(filter->matches(frame), theirAnswer) << text << " on record " << k;
    }
    pcap_freecode(&theirs);
  }
  EXPECT_GT(compared, 2000U);
}

}  // namespace
}  // namespace vsdump
