// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "capture/file/descriptor.h"

namespace vsdump {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
  }
  Descriptor reader;
  Descriptor writer;
};

std::string readAll(const Descriptor& from) {
  std::string text;
  std::array<char, 4096> piece{};
  while (true) {
    const ssize_t size = ::read(from.get(), piece.data(), piece.size());
    if (size <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
}

std::string line(int number) {
  return "line " + std::to_string(number) + "\n";
}

constexpr int kManyLines = 100'000;  // some twenty large pieces

TEST(Output, KeepsTheOrderOfPieces) {
  Pipe pipe;
  std::string read;
  std::thread reader([&] { read = readAll(pipe.reader); });
  std::string expected;
  auto owned = std::make_unique<Output>(pipe.writer.get(), "a pipe");
  Output& output = *owned;
  LineBuffer large;
  for (int i = 0; i < kManyLines; ++i) {
    output.buffer().put(line(i));
    expected += line(i);
    ASSERT_TRUE(output.flushIfLarge());
    // Here and there somebody wants to see what there is, or has made a text of his own.
    if (i % 30'000 == 0) {
      ASSERT_TRUE(output.flush());
    }
    large.put(line(-i));
    expected += i % 10'000 == 0 ? std::string(large.text()) : "";
    if (i % 10'000 == 0) {
      ASSERT_TRUE(output.take(large));
      ASSERT_EQ(large.size(), 0U);
    }
  }
  ASSERT_TRUE(output.flush());
  pipe.writer.close();
  owned.reset();
  reader.join();
  EXPECT_EQ(read, expected);
}

TEST(Output, HasWrittenEverythingWhenFlushReturns) {
  Pipe pipe;
  Output output(pipe.writer.get(), "a pipe");
  output.buffer().put(std::string_view("first\n"));
  ASSERT_TRUE(output.flush());
  std::array<char, 16> read{};
  EXPECT_EQ(::read(pipe.reader.get(), read.data(), read.size()), 6);
}

TEST(Output, TellsOfAFullDeviceOnce) {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Output output(full.get(), "standard output");
  const std::string large(std::size_t{1} << 20, 'x');
  output.buffer().put(large);
  const Result<void> told = output.flushIfLarge();
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().subject, "standard output");
  EXPECT_FALSE(output.closed());
  EXPECT_TRUE(output.flush());
}

TEST(Output, IsClosedAndFailsNothingWhenTheReaderGoesAway) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  Output output(pipe.writer.get(), "a pipe");
  pipe.reader.close();
  for (int i = 0; i < kManyLines && !output.closed(); ++i) {
    output.buffer().put(line(i));
    ASSERT_TRUE(output.flushIfLarge());
  }
  EXPECT_TRUE(output.flush());
  EXPECT_TRUE(output.closed());
}

}  // namespace
}  // namespace vsdump
