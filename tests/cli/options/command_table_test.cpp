// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/command_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "cli/options/generated_texts.h"
#include "cli/options/suggestion.h"
#include "tests/cli/options/support.h"

namespace vsdump {
namespace {

using test::parse;
using test::refusal;
using testing::HasSubstr;

TEST(CommandTable, NamesEachCommandOnceAndExplainsIt) {
  std::set<std::string_view> names;
  for (const CommandRow& row : commandTable()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_FALSE(row.summary.ends_with('.')) << row.name;
    EXPECT_TRUE(row.details.ends_with('.')) << row.name;
    EXPECT_LE(row.leastArguments, row.mostArguments) << row.name;
    EXPECT_EQ(findCommand(row.command), &row);
    EXPECT_EQ(findCommand(row.name), &row);
  }
}

TEST(CommandTable, NamesOptionsThatThereAre) {
  for (const CommandRow& command : commandTable()) {
    for (const std::string_view name : command.options) {
      EXPECT_TRUE(std::ranges::any_of(
          optionTable(),
          [&](const OptionRow& row) { return optionName(row) == name && row.apply != nullptr; }))
          << command.name << " " << name;
    }
  }
}

TEST(CommandTable, LeavesNoOptionOfSingleCommandsWithoutOne) {
  for (const OptionRow& row : optionTable()) {
    if (row.category != OptionCategory::Command) continue;
    EXPECT_TRUE(std::ranges::any_of(commandTable(), [&](const CommandRow& command) {
      return takesOption(&command, row);
    })) << optionName(row);
  }
}

TEST(Command, IsTheFirstWordOrNone) {
  const auto command = parse({"devices"});
  ASSERT_TRUE(command);
  EXPECT_EQ(command->command, Command::Devices);
  EXPECT_EQ(command->filter, "");

  const auto filter = parse({"-r", "F", "port", "22", "devices"});
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->command, Command::Packets);
  EXPECT_EQ(filter->filter, "port 22 devices");

  const auto behindDashes = parse({"--", "devices"});
  ASSERT_TRUE(behindDashes);
  EXPECT_EQ(behindDashes->command, Command::Packets);
  EXPECT_EQ(behindDashes->filter, "devices");
}

TEST(Command, TakesItsWordsAndOptionsInAnyOrder) {
  const auto first = parse({"devices", "add", "vsockmon7", "--netns", "blue"});
  const auto second = parse({"devices", "--netns=blue", "add", "vsockmon7"});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->arguments, (std::vector<std::string>{"add", "vsockmon7"}));
  EXPECT_EQ(first->networkNamespace, "blue");
  EXPECT_EQ(*first, *second);
}

TEST(Command, RefusesWordsThatItHasNoUseFor) {
  EXPECT_EQ(refusal({"devices", "add", "a", "b"}),
            "vsdump devices does not know what to do with \"b\". vsdump devices --help tells what "
            "it takes.");
}

TEST(Command, RefusesOptionsOfOthersAndSaysWhoseTheyAre) {
  EXPECT_EQ(refusal({"devices", "-c", "5"}),
            "-c is not an option of vsdump devices. It is one of vsdump without a command.");
  EXPECT_EQ(refusal({"devices", "--count"}),
            "--count is not an option of vsdump devices. It is one of vsdump without a command.");
  EXPECT_EQ(refusal({"doctor", "-r", "F"}),
            "-r is not an option of vsdump doctor. It is one of vsdump without a command, vsdump "
            "connections, vsdump report, vsdump follow, vsdump messages, vsdump stats.");
  EXPECT_THAT(refusal({"follow", "0", "--json"}), HasSubstr(", vsdump report, "));
  EXPECT_EQ(refusal({"devices", "--jsno"}),
            "--jsno is not an option of vsdump devices. Did you mean --json?");
  EXPECT_EQ(refusal({"devices", "--no-such-thing"}),
            "--no-such-thing is not an option of vsdump devices. vsdump devices --help lists the "
            "options.");
}

TEST(Command, ShortensItsOptionsAmongItsOwn) {
  const auto options = parse({"devices", "--j"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->json);
}

TEST(Command, IsSuggestedForATypingError) {
  EXPECT_EQ(closestCommand("devizes"), "devices");
  EXPECT_EQ(closestCommand("device"), "devices");
  EXPECT_FALSE(closestCommand("greater"));
  EXPECT_FALSE(closestCommand("port"));
}

TEST(CommandHelp, HasTheUsageAndTheOptionsOfThatCommandAlone) {
  for (const CommandRow& command : commandTable()) {
    const std::string text = commandHelpText(command.command, 80);
    EXPECT_TRUE(text.starts_with("Usage: vsdump " + std::string(command.name))) << text;
    EXPECT_THAT(text, HasSubstr("-h, --help"));
    for (const std::string_view option : command.options) EXPECT_THAT(text, HasSubstr(option));
    EXPECT_THAT(text, Not(HasSubstr("--immediate-mode"))) << command.name;
  }
}

TEST(CommandHelp, IsFoundFromTheGeneralHelpAndTheManPage) {
  const std::string help = helpText(80);
  const std::string page = manPage(ManPage::Program);
  for (const CommandRow& command : commandTable()) {
    EXPECT_THAT(help, HasSubstr("\n  " + std::string(command.name) + " "));
    EXPECT_THAT(page, HasSubstr("\n.SS \"vsdump " + std::string(command.name)));
    for (const Shell shell : {Shell::Bash, Shell::Zsh, Shell::Fish}) {
      EXPECT_THAT(completionScript(shell), HasSubstr(command.name));
    }
  }
}

}  // namespace
}  // namespace vsdump
