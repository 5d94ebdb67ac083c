// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/option_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/cli/options/support.h"

namespace vsdump {
namespace {

using test::goodValue;
using test::join;
using test::parse;
using test::refusal;
using test::Words;

TEST(OptionTable, NamesEachOptionOnce) {
  std::set<std::string> names;
  for (const OptionRow& row : optionTable()) {
    ASSERT_TRUE(row.letter != 0 || !row.longName.empty());
    if (row.letter != 0) {
      EXPECT_TRUE(names.insert({'-', row.letter}).second) << row.letter;
    }
    if (!row.longName.empty()) {
      EXPECT_TRUE(names.insert("--" + std::string(row.longName)).second) << row.longName;
    }
  }
}

TEST(OptionTable, GivesAnOptionWithAValueANameForItAndOthersNone) {
  for (const OptionRow& row : optionTable()) {
    EXPECT_EQ(row.kind == ArgumentKind::None, row.argument.empty()) << optionName(row);
    EXPECT_EQ(row.kind == ArgumentKind::Choice, !row.choices.empty()) << optionName(row);
  }
}

TEST(OptionTable, ExplainsEachOption) {
  for (const OptionRow& row : optionTable()) {
    EXPECT_FALSE(row.summary.empty()) << optionName(row);
    EXPECT_FALSE(row.summary.ends_with('.')) << optionName(row);
    const bool needsDetails =
        row.category != OptionCategory::Accepted && row.category != OptionCategory::Hidden;
    EXPECT_EQ(needsDetails, !row.details.empty()) << optionName(row);
    EXPECT_EQ(row.category == OptionCategory::Refused, row.apply == nullptr) << optionName(row);
  }
}

TEST(OptionTable, HasTheOptionsOfEachConflict) {
  for (const OptionConflict& conflict : optionConflicts()) {
    for (const std::string_view name : {conflict.first, conflict.second}) {
      EXPECT_TRUE(std::ranges::any_of(optionTable(), [&](const OptionRow& row) {
        return optionName(row) == name;
      })) << name;
    }
  }
}

/// An option with what it needs beside it.
Words withCompany(const OptionRow& row, Words words) {
  if (row.longName == "follow-file" || row.longName == "monitor-mode") {
    words.insert(words.end(), {"-r", "a.pcap"});
  }
  if (row.longName == "create") words.insert(words.end(), {"-i", "vsock7"});
  if (row.longName == "pcapng") words.insert(words.end(), {"-w", "b"});
  if (row.letter == 'C' || row.letter == 'G') words.insert(words.end(), {"-w", "b"});
  if (row.letter == 'W' || row.letter == 'z') words.insert(words.end(), {"-w", "b", "-C", "7"});
  return words;
}

/// The ways to write an option with this value.
std::vector<Words> spellings(const OptionRow& row, const std::string& value) {
  const bool wantsValue = row.kind != ArgumentKind::None;
  std::vector<Words> all;
  if (row.letter != 0) {
    const std::string letter{'-', row.letter};
    all.push_back(wantsValue ? Words{letter, value} : Words{letter});
    if (wantsValue && !value.empty()) all.push_back({letter + value});
  }
  if (!row.longName.empty()) {
    const std::string name = "--" + std::string(row.longName);
    all.push_back(wantsValue ? Words{name, value} : Words{name});
    if (wantsValue) all.push_back({name + "=" + value});
  }
  return all;
}

/// The parser reads the files of -F and -V at once, so that they need one that is there.
class EachOption : public testing::Test {
 protected:
  std::string value(const OptionRow& row) const {
    return row.letter == 'V' || row.letter == 'F' ? list_.path() : goodValue(row);
  }

  test::TemporaryFile list_{"list", "a.pcap\n"};
};

TEST_F(EachOption, MeansTheSameInEverySpelling) {
  for (const OptionRow& row : optionTable()) {
    if (row.apply == nullptr || row.category == OptionCategory::Command) continue;
    const auto all = spellings(row, value(row));
    const auto first = parse(withCompany(row, all.front()));
    for (const Words& words : all) {
      const auto options = parse(withCompany(row, words));
      ASSERT_TRUE(options) << join(words) << ": " << describe(options.error());
      EXPECT_EQ(*options, *first) << join(words);
    }
  }
}

TEST_F(EachOption, IsRefusedWithAReasonAndAWayOutIfVsdumpHasItNot) {
  for (const OptionRow& row : optionTable()) {
    if (row.apply != nullptr) continue;
    for (const Words& words : spellings(row, value(row))) {
      EXPECT_EQ(refusal(words), optionName(row) + " is refused: " + std::string(row.summary) +
                                    ". " + std::string(row.details));
    }
  }
}

TEST_F(EachOption, ChangesSomethingUnlessItIsAcceptedForTcpdumpsSake) {
  for (const OptionRow& row : optionTable()) {
    if (row.apply == nullptr || row.category == OptionCategory::Command) continue;
    std::string telling = value(row);
    // The value that is not the default.
    if (row.longName == "color") telling = "never";
    if (row.longName == "time-stamp-precision") telling = "nano";
    Words without = withCompany(row, {});
    // --micro is the default, and takes --nano back.
    if (row.longName == "micro") without.emplace_back("--nano");
    Words with = without;
    const Words spelled = spellings(row, telling).front();
    with.insert(with.end(), spelled.begin(), spelled.end());

    const auto before = parse(without);
    const auto after = parse(with);
    ASSERT_TRUE(before && after) << join(with);
    EXPECT_EQ(*before != *after, row.category != OptionCategory::Accepted) << join(with);
  }
}

TEST_F(EachOption, SaysSoWhenItsValueIsMissing) {
  for (const OptionRow& row : optionTable()) {
    if (row.kind == ArgumentKind::None || row.category == OptionCategory::Command) continue;
    if (row.letter != 0) {
      EXPECT_EQ(refusal({optionName(row)}), optionName(row) + " needs a value. Write " +
                                                optionName(row) + " " + std::string(row.argument) +
                                                ".");
    }
    if (!row.longName.empty()) {
      EXPECT_THAT(refusal({"--" + std::string(row.longName)}),
                  testing::StartsWith(optionName(row) + " needs a value"));
    }
  }
}

TEST_F(EachOption, SaysSoWhenItTakesNoValue) {
  for (const OptionRow& row : optionTable()) {
    if (row.kind != ArgumentKind::None || row.longName.empty()) continue;
    if (row.category == OptionCategory::Command) continue;
    const std::string name = "--" + std::string(row.longName);
    EXPECT_EQ(refusal({name + "=1"}), name + " takes no value. Write " + name + " alone.");
  }
}

TEST_F(EachOption, RefusesAValueThatItCannotTake) {
  for (const OptionRow& row : optionTable()) {
    if (row.apply == nullptr || row.category == OptionCategory::Command) continue;
    if (row.kind != ArgumentKind::Number && row.kind != ArgumentKind::Choice) continue;
    EXPECT_THAT(refusal(spellings(row, "nonsense").front()),
                testing::StartsWith(optionName(row) + ": \"nonsense\" is "));
  }
}

}  // namespace
}  // namespace vsdump
