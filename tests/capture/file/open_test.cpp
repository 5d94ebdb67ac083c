// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/open.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <span>
#include <thread>

#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"
#include "tests/capture/file/temporary.h"

namespace vsdump::test {
namespace {

std::vector<std::byte> part(const std::vector<std::byte>& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from),
          bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

void append(const std::string& path, const std::vector<std::byte>& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

void writeAll(int descriptor, const std::vector<std::byte>& bytes) {
  ASSERT_EQ(::write(descriptor, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
}

TEST(OpenCaptureFile, ReadsAFileByItsPath) {
  const TemporaryFolder folder;
  const auto packets = somePackets(30);
  const auto drained = drainFile(folder.write("a.pcap", pcapFile(packets)));
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::End);
}

TEST(OpenCaptureFile, TellsWhereInTheInputTheBytesOfAFrameAre) {
  const TemporaryFolder folder;
  const auto packets = somePackets(3000);
  std::vector<std::byte> damaged = pcapFile(packets);
  std::fill_n(damaged.begin() + 24, 8000, std::byte{0x5a});
  for (const auto& bytes : {pcapFile(packets), pcapngFile(packets), damaged}) {
    auto source = openCaptureFile(folder.write("a.pcap", bytes));
    ASSERT_TRUE(source.has_value());
    std::size_t frames = 0;
    for (SourceState state = SourceState::More; state == SourceState::More;) {
      const auto batch = (*source)->read();
      ASSERT_TRUE(batch.has_value());
      state = batch->state;
      for (const Frame& frame : batch->frames) {
        const std::uint64_t offset = batch->offsetOf(frame);
        ASSERT_LE(offset + frame.bytes.size(), bytes.size());
        const auto there = std::span(bytes).subspan(offset, frame.bytes.size());
        ASSERT_TRUE(std::ranges::equal(there, frame.bytes));
        ++frames;
      }
    }
    EXPECT_GT(frames, 2500u);
  }
}

TEST(OpenCaptureFile, SaysWhatIsWrongWithTheFile) {
  const TemporaryFolder folder;
  const auto errorOf = [&](const std::string& name) {
    auto source = openCaptureFile(folder.path(name));
    EXPECT_FALSE(source.has_value());
    if (source) return std::string();
    std::string text = describe(source.error());
    const auto at = text.find(folder.path(""));
    return at == std::string::npos ? text : text.erase(at, folder.path("").size());
  };
  EXPECT_EQ(errorOf("none"), "cannot open none: No such file or directory");
  ::mkdir(folder.path("folder").c_str(), 0700);
  EXPECT_EQ(errorOf("folder"), "cannot read folder: it is a directory");
  folder.write("empty", {});
  EXPECT_EQ(errorOf("empty"), "cannot read empty: it is empty");
  ByteWriter text(false);
  text.text("hi\n");
  folder.write("short", text.out);
  EXPECT_EQ(errorOf("short"),
            "cannot read short: it is neither a pcap nor a pcapng file (it begins with 68 69 0a)");
  folder.write("header", part(pcapFile({}), 0, 10));
  EXPECT_EQ(errorOf("header"),
            "cannot read header: cut short in the pcap file header: 10 of 24 bytes are there");
}

TEST(OpenCaptureFile, TellsHowMuchOfARegularFileIsRead) {
  const TemporaryFolder folder;
  const auto packets = somePackets(20'000);
  auto source = openCaptureFile(folder.write("a.pcap", pcapFile(packets)));
  ASSERT_TRUE(source.has_value());
  double last = 0;
  for (int reads = 0;; ++reads) {
    const auto batch = (*source)->read();
    ASSERT_TRUE(batch.has_value());
    ASSERT_TRUE((*source)->progress().has_value());
    EXPECT_GE(*(*source)->progress(), last);
    last = *(*source)->progress();
    if (reads == 0) {
      EXPECT_LT(last, 0.5);
    }
    if (batch->state == SourceState::End) break;
  }
  EXPECT_EQ(last, 1.0);
}

TEST(OpenCaptureFile, WaitsAtTheEndOfAFileThatGrows) {
  const TemporaryFolder folder;
  const auto packets = somePackets(30);
  const auto file = pcapFile(packets);
  const auto path = folder.write("a.pcap", part(file, 0, 1000));
  auto source = openCaptureFile(path, {.follow = true});
  ASSERT_TRUE(source.has_value());
  EXPECT_FALSE((*source)->pollDescriptor().has_value());
  std::vector<Packet> seen;
  for (std::size_t size = 1000; size < file.size(); size += 50) {
    const auto drained = drain(**source);
    EXPECT_EQ(drained.state, SourceState::Waiting);
    EXPECT_TRUE(drained.notices.empty());
    seen.insert(seen.end(), drained.packets.begin(), drained.packets.end());
    append(path, part(file, size, std::min(size + 50, file.size())));
  }
  const auto drained = drain(**source);
  EXPECT_EQ(drained.state, SourceState::Waiting);
  seen.insert(seen.end(), drained.packets.begin(), drained.packets.end());
  EXPECT_EQ(seen, packets);

  ASSERT_EQ(::truncate(path.c_str(), 100), 0);
  const auto after = drain(**source);
  EXPECT_EQ(after.state, SourceState::Damaged);
  EXPECT_EQ(after.notices.at(0).message, "the file became shorter while it was read");
}

TEST(OpenCaptureFile, WaitsForTheHeaderOfAFileThatGrows) {
  const TemporaryFolder folder;
  const auto packets = somePackets(3);
  const auto path = folder.write("a.pcap", {});
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    append(path, pcapFile(packets));
  });
  auto source = openCaptureFile(path, {.follow = true});
  writer.join();
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(drain(**source).packets, packets);
}

TEST(OpenCaptureFile, WaitsForTheWriterOfAFifoAndTellsItsEnd) {
  const TemporaryFolder folder;
  const auto packets = somePackets(10);
  const auto file = pcapFile(packets);
  const auto path = folder.path("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  int writing = -1;
  std::thread writer([&] {
    writing = ::open(path.c_str(), O_WRONLY);
    for (std::size_t i = 0; i < 24; ++i) writeAll(writing, part(file, i, i + 1));
  });
  auto source = openCaptureFile(path);
  writer.join();
  ASSERT_TRUE(source.has_value());
  ASSERT_TRUE((*source)->pollDescriptor().has_value());
  EXPECT_FALSE((*source)->progress().has_value());

  EXPECT_EQ(drain(**source).state, SourceState::Waiting);
  const std::size_t half = pcapRecordOffsets(packets)[5];
  writeAll(writing, part(file, 24, half + 10));
  auto drained = drain(**source);
  EXPECT_EQ(drained.packets.size(), 5u);
  EXPECT_EQ(drained.state, SourceState::Waiting);
  writeAll(writing, part(file, half + 10, file.size()));
  ::close(writing);
  drained = drain(**source);
  EXPECT_EQ(drained.packets.size(), 5u);
  EXPECT_EQ(drained.state, SourceState::End);
}

TEST(OpenCaptureFile, TellsAFifoThatClosesInAPacketFromOneThatEnds) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto file = pcapFile(somePackets(3));
  writeAll(ends[1], part(file, 0, file.size() - 5));
  ::close(ends[1]);
  auto source = openCapture(Descriptor(ends[0]), "the pipe");
  ASSERT_TRUE(source.has_value());
  const auto drained = drain(**source);
  EXPECT_EQ(drained.packets.size(), 2u);
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(OpenCaptureFile, ReadsCompressedDataFromAPipeAsItComes) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto packets = somePackets(30);
  const auto file = gzipped(pcapFile(packets));
  writeAll(ends[1], part(file, 0, file.size() - 1));
  auto source = openCapture(Descriptor(ends[0]), "the pipe");
  ASSERT_TRUE(source.has_value());
  auto drained = drain(**source);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::Waiting);
  writeAll(ends[1], part(file, file.size() - 1, file.size()));
  ::close(ends[1]);
  EXPECT_EQ(drain(**source).state, SourceState::End);
}

}  // namespace
}  // namespace vsdump::test
