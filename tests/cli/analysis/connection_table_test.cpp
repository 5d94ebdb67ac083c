// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/connection_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "cli/analysis/duration_histogram.h"

namespace vsdump {
namespace {

const TableCells kPlain{"0",      "host:52197", "42:22",   "ssh?",     "closed by client",
                        "180 us", "1.2 ms",     "1.0 KiB", "48.1 MiB", ""};
const TableCells kStalled{"12",     "host:52198", "42:10809",  "nbd?",     "open",
                          "301 us", "88.0 s",     "812.0 MiB", "40.2 MiB", "credit-stall x3"};

std::string tableOf(std::size_t width, const TableCells& one, const TableCells& other) {
  ConnectionTable table(width);
  table.widen(one);
  table.widen(other);
  table.fit();
  return table.head() + table.line(one) + table.line(other);
}

std::size_t widestLine(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    widest = std::max(widest, end - at);
    at = end + 1;
  }
  return widest;
}

TEST(ConnectionTable, HasAllColumnsWhereThereIsRoom) {
  const std::string text = tableOf(200, kPlain, kStalled);
  EXPECT_EQ(text,
            " #  client      server    service  state             handshake  duration  to server  "
            "to client  notes\n"
            " 0  host:52197  42:22     ssh?     closed by client     180 us    1.2 ms    1.0 KiB  "
            " 48.1 MiB\n"
            "12  host:52198  42:10809  nbd?     open                 301 us    88.0 s  812.0 MiB  "
            " 40.2 MiB  credit-stall x3\n");
}

TEST(ConnectionTable, PutsNotesBelowAndLeavesColumnsOutWhereThereIsNone) {
  const std::string text = tableOf(80, kPlain, kStalled);
  EXPECT_LE(widestLine(text), 80U);
  EXPECT_NE(text.find("\n     credit-stall x3\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("duration"), std::string::npos) << text;
}

TEST(ConnectionTable, LosesNeitherBytesNorNotesOnANarrowTerminal) {
  EXPECT_EQ(tableOf(50, kPlain, kStalled),
            " #  client      server    state\n"
            " 0  host:52197  42:22     closed by client\n"
            "     1.0 KiB to server  48.1 MiB to client\n"
            "12  host:52198  42:10809  open\n"
            "     812.0 MiB to server  40.2 MiB to client\n"
            "     credit-stall x3\n");
  EXPECT_EQ(tableOf(55, kPlain, kStalled),
            " #  client      server    state             to server\n"
            " 0  host:52197  42:22     closed by client    1.0 KiB\n"
            "     48.1 MiB to client\n"
            "12  host:52198  42:10809  open              812.0 MiB\n"
            "     40.2 MiB to client  credit-stall x3\n");
}

TEST(DurationHistogram, IsExactToASixteenth) {
  std::mt19937_64 dice(1);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t value = dice() >> (dice() % 64);
    DurationHistogram histogram;
    histogram.add(value);
    const std::uint64_t told = histogram.percentile(50);
    EXPECT_GE(told, value);
    EXPECT_LE(told - value, value / 16);
  }
}

TEST(DurationHistogram, TellsWhatSoManyPerCentDoNotExceed) {
  DurationHistogram histogram;
  EXPECT_EQ(histogram.percentile(50), 0U);
  for (std::uint64_t value = 1; value <= 10; ++value) histogram.add(value);
  EXPECT_EQ(histogram.percentile(50), 5U);
  EXPECT_EQ(histogram.percentile(90), 9U);
  EXPECT_EQ(histogram.percentile(99), 10U);
}

}  // namespace
}  // namespace vsdump
