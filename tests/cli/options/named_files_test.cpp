// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/named_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/cli/options/support.h"

namespace vsdump {
namespace {

using test::TemporaryFile;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(FilterFile, IsTheFilterWithItsCommentsBlank) {
  const TemporaryFile file("filter", "less 77 # short\nand greater 10#");
  EXPECT_EQ(readFilterFile(file.path()).value(), "less 77        \nand greater 10 ");
}

TEST(FilterFile, ThatCannotBeOpenedIsNamed) {
  const auto filter = readFilterFile("/nowhere/filter");
  ASSERT_FALSE(filter);
  EXPECT_EQ(filter.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(describe(filter.error()),
            "cannot open filter file /nowhere/filter: No such file or directory");
}

TEST(FilterFile, ThatIsAFolderIsRefused) {
  const auto filter = readFilterFile("/");
  ASSERT_FALSE(filter);
  EXPECT_EQ(describe(filter.error()), "cannot read filter file /: Is a directory");
}

TEST(FilterFile, ThatIsNoTextIsRefused) {
  const TemporaryFile file("filter", std::string_view("less\0 77", 8));
  const auto filter = readFilterFile(file.path());
  ASSERT_FALSE(filter);
  EXPECT_THAT(describe(filter.error()), HasSubstr("it is not a text file"));
}

TEST(FilterFile, WithoutAnEndIsRefusedBeforeItFillsTheMemory) {
  const auto filter = readFilterFile("/dev/zero");
  ASSERT_FALSE(filter);
  EXPECT_THAT(describe(filter.error()), HasSubstr("it has more than 16 MiB"));
}

TEST(FilterFile, NamedDashIsAFileAsInTcpdump) {
  EXPECT_THAT(describe(readFilterFile("-").error()), HasSubstr("cannot open filter file -"));
}

TEST(FileList, IsOneNameALine) {
  const TemporaryFile file("list", "a.pcap\n b c.pcap \n\n-\nlast");
  EXPECT_THAT(readFileList(file.path()).value(), ElementsAre("a.pcap", " b c.pcap ", "-", "last"));
}

TEST(FileList, ThatNamesNothingIsRefused) {
  const TemporaryFile file("list", "\n\n");
  const auto names = readFileList(file.path());
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().kind, ErrorKind::BadInput);
  EXPECT_EQ(describe(names.error()), "cannot use list of files " + file.path() +
                                         ": it names no file. -V wants one file name a line.");
}

TEST(FileList, NamedDashIsStandardInput) {
  const TemporaryFile file("list", "one.pcap\ntwo.pcap\n");
  ASSERT_NE(std::freopen(file.path().c_str(), "r", stdin), nullptr);
  EXPECT_THAT(readFileList("-").value(), ElementsAre("one.pcap", "two.pcap"));
}

}  // namespace
}  // namespace vsdump
