// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/helper/output_opener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace vsdump {
namespace {

namespace fs = std::filesystem;

class OpenerTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Result<OutputOpener> start(const std::string& pattern, bool isTimed = false) const {
    const Account self{.name = "self", .uid = getuid(), .gid = getgid()};
    return OutputOpener::start({.pattern = (folder_ / pattern).string(), .isTimed = isTimed}, self,
                               rules_, std::nullopt);
  }

  OutputRules rules_;
  const fs::path folder_ = fs::path(testing::TempDir()) /
                           (std::string("vsdump-opener-") +
                            testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(OpenerTest, PassesFilesByNumber) {
  Result<OutputOpener> opener = start("a");
  ASSERT_TRUE(opener) << describe(opener.error());
  for (std::uint32_t number = 0; number < 50; ++number) {
    Result<OutputOpener::File> file = opener->open(0, number);
    ASSERT_TRUE(file) << describe(file.error());
    ASSERT_EQ(::write(file->descriptor.get(), "x", 1), 1);
    EXPECT_EQ(fs::file_size(file->name), 1U);
  }
  EXPECT_TRUE(fs::exists(folder_ / "a49"));
}

TEST_F(OpenerTest, KeepsWhatIsInAFileForTheCaller) {
  Result<OutputOpener> opener = start("a");
  ASSERT_TRUE(opener);
  ASSERT_EQ(::write(opener->open(0, 0)->descriptor.get(), "text", 4), 4);
  EXPECT_TRUE(opener->open(0, 0));
  EXPECT_EQ(fs::file_size(folder_ / "a"), 4U);
}

TEST_F(OpenerTest, LeavesItsFolderByNoPath) {
  fs::create_directory(folder_ / "in");
  Result<OutputOpener> opener = start("in/%n../../out", true);
  ASSERT_TRUE(opener);
  EXPECT_FALSE(opener->open(0, 0));
  Result<OutputOpener> up = start("in/%%/../../out", true);
  ASSERT_TRUE(up);
  fs::create_directory(folder_ / "in" / "%");
  const Result<OutputOpener::File> file = up->open(0, 0);
  ASSERT_FALSE(file);
  EXPECT_NE(describe(file.error()).find("cannot write to "), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(OpenerTest, FollowsNoLinkInTheMiddle) {
  fs::create_directories(folder_ / "in");
  fs::create_directories(folder_ / "other");
  Result<OutputOpener> through = start("in/%U/a", true);
  ASSERT_TRUE(through);
  fs::create_directory_symlink(folder_ / "other", folder_ / "in" / "00");
  EXPECT_FALSE(through->open(0, 0));
  EXPECT_TRUE(fs::is_empty(folder_ / "other"));
}

TEST_F(OpenerTest, OpensNoFileThatIsRead) {
  ASSERT_EQ(::write(start("a")->open(0, 1)->descriptor.get(), "text", 4), 4);
  rules_.read = {*identityOf(Descriptor(::open((folder_ / "a1").c_str(), O_RDONLY | O_CLOEXEC)))};
  Result<OutputOpener> opener = start("a");
  EXPECT_TRUE(opener->open(0, 0));
  const Result<OutputOpener::File> file = opener->open(0, 1);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().reason, "it is the file that is read");
}

TEST_F(OpenerTest, OpensWithRootsRightsNoFileOfAnotherUser) {
  std::ofstream(folder_ / "a") << "text";
  rules_.owner = getuid() + 1;
  if (getuid() == 0) {
    ASSERT_EQ(::chown((folder_ / "a").c_str(), 2, 2), 0);
  }
  const Result<OutputOpener::File> file = start("a")->open(0, 0);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().reason,
            "it belongs to another user, who could read and change what is written");
  EXPECT_EQ(fs::file_size(folder_ / "a"), 4U);
}

TEST_F(OpenerTest, SaysThatAFifoOrTheFolderItselfIsNoRegularFile) {
  ASSERT_EQ(::mkfifo((folder_ / "a").c_str(), 0600), 0);
  const Result<OutputOpener::File> fifo = start("a")->open(0, 0);
  ASSERT_FALSE(fifo);
  EXPECT_EQ(fifo.error().reason, "it is no regular file");
  const Result<OutputOpener::File> folder = start("")->open(0, 0);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().reason, "Is a directory");
}

}  // namespace
}  // namespace vsdump
