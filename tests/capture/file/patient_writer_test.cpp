// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/patient_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/capture/file/temporary.h"
#include "tests/capture/file/writing.h"

namespace vsdump::test {
namespace {

constexpr std::size_t kMuch = 300'000;  // more than a pipe holds

class PatientWriterTest : public testing::Test {
 protected:
  PatientWriterTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader_ = Descriptor(ends[0]);
    writer_ = Descriptor(ends[1]);
  }
  ~PatientWriterTest() override { limitPatience(false); }

  /// Returns what write() did and how much it has written.
  static std::pair<int, std::size_t> write(PatientWriter& writer, std::size_t ofFirst) {
    const std::vector<std::byte> bytes(kMuch);
    std::span<const std::byte> first(bytes.data(), ofFirst);
    std::span<const std::byte> second(bytes.data() + ofFirst, kMuch - ofFirst);
    const int problem = writer.write(first, second);
    return {problem, kMuch - first.size() - second.size()};
  }

  std::size_t drain() const {
    std::array<char, 7000> piece{};
    const ssize_t count = ::read(reader_.get(), piece.data(), piece.size());
    return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }

  Descriptor reader_;
  Descriptor writer_;
};

TEST_F(PatientWriterTest, WritesEverythingWhicheverWayThePipeIsOpen) {
  const Descriptor own = openWithoutWaiting(writer_.get());
  ASSERT_TRUE(own.isOpen());
  for (const int descriptor : {writer_.get(), own.get()}) {
    for (const bool isLimited : {false, true}) {
      limitPatience(isLimited);
      std::size_t got = 0;
      std::thread reader([&] {
        while (got < kMuch) got += drain();
      });
      PatientWriter writer(descriptor);
      EXPECT_EQ(write(writer, 100), std::pair(0, kMuch));
      reader.join();
      EXPECT_EQ(got, kMuch);
    }
  }
}

TEST_F(PatientWriterTest, GivesUpOnceWhicheverWayThePipeIsOpen) {
  const Descriptor own = openWithoutWaiting(writer_.get());
  EXPECT_EQ(::fcntl(writer_.get(), F_GETFL) & O_NONBLOCK, 0);
  for (const int descriptor : {writer_.get(), own.get()}) {
    limitPatience(false);
    // The flag is seen, whichever thread a signal interrupts.
    std::thread signal([] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      limitPatience(true);
    });
    PatientWriter writer(descriptor);
    const auto [problem, written] = write(writer, 200'000);
    signal.join();
    EXPECT_EQ(problem, PatientWriter::kGaveUp);
    EXPECT_GT(written, 0U);
    for (std::size_t got = 0; got < written;) got += drain();
    // What comes behind a gap would be read as if there were none.
    EXPECT_EQ(write(writer, 1).second, 0U);
  }
}

TEST_F(PatientWriterTest, TellsThatTheReaderIsGone) {
  ::signal(SIGPIPE, SIG_IGN);
  const Descriptor own = openWithoutWaiting(writer_.get());
  reader_.close();
  for (const int descriptor : {writer_.get(), own.get()}) {
    PatientWriter writer(descriptor);
    EXPECT_EQ(write(writer, 0).first, EPIPE);
  }
}

TEST_F(PatientWriterTest, OpensNoRegularFileAnewAndWritesItWhateverTheSignal) {
  const TemporaryFolder folder;
  const Descriptor file = createFile(folder.path("a"));
  EXPECT_FALSE(openWithoutWaiting(file.get()).isOpen());
  limitPatience(true);
  PatientWriter writer(file.get());
  EXPECT_EQ(write(writer, 10), std::pair(0, kMuch));
}

}  // namespace
}  // namespace vsdump::test
