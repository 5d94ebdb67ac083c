// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>

#include "capture/file/compressed_sink.h"
#include "capture/file/descriptor_sink.h"
#include "tests/capture/file/compressed_bytes.h"
#include "tests/capture/file/drained.h"
#include "tests/capture/file/temporary.h"
#include "tests/capture/file/writing.h"

namespace vsdump::test {
namespace {

std::unique_ptr<PacketWriter> createZstd(const std::string& path) {
  return writerOn(createFile(path), {.compression = Compression::Zstd, .nanoseconds = true});
}

std::vector<Packet> firstOf(const std::vector<Packet>& packets, std::size_t count) {
  return {packets.begin(), packets.begin() + static_cast<std::ptrdiff_t>(count)};
}

class ZstdSink : public testing::Test {
 protected:
  std::string path() const { return folder_.path("a"); }

  bool isOneFrame() const {
    const Bytes file = readWholeFile(path());
    return ::ZSTD_findFrameCompressedSize(file.data(), file.size()) == file.size();
  }

  /// Whether zstd's own program takes the file for whole.
  bool isWhole() const { return runCommand("zstd -tqc < " + path()).exitCode == 0; }

  TemporaryFolder folder_;
};

TEST_F(ZstdSink, WritesOneFrameWhichWiresharkReads) {
  constexpr std::size_t kAtOnce = 500;
  const auto packets = incompressible(40'000);
  const auto frames = framesOf(packets);
  const auto writer = createZstd(path());
  for (std::size_t i = 0; i < frames.size(); i += kAtOnce) {
    ASSERT_TRUE(writer->write(std::span(frames).subspan(i, kAtOnce)).has_value());
    ASSERT_TRUE(writer->flush().has_value());
  }
  ASSERT_TRUE(writer->close().has_value());
  EXPECT_GT(readWholeFile(path()).size(), 4'000'000u);
  EXPECT_TRUE(isOneFrame());
  EXPECT_TRUE(isWhole());
  EXPECT_TRUE(drainFile(path()).packets == packets);
  Bytes damaged = readWholeFile(path());
  damaged[damaged.size() / 2] ^= std::byte{1};  // of a packet that is there as it is
  const auto messages = drainBytes(damaged).messages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(messages[0].starts_with("the zstd data is damaged")) << messages[0];
  const auto listed = runCommand("capinfos -McTm " + path());
  EXPECT_EQ(listed.exitCode, 0) << listed.output;
  EXPECT_NE(listed.output.find(fmt::format(",{}", packets.size())), std::string::npos)
      << listed.output;
  const auto printed = runCommand("tshark -n -T fields -e frame.number -r " + path() + " | wc -l");
  EXPECT_EQ(printed.output, fmt::format("{}\n", packets.size()));
}

TEST_F(ZstdSink, WritesAFrameOfNothing) {
  const auto sink =
      zstdTo(std::make_unique<DescriptorSink>(createFile(path()), "x", /*isInherited=*/false));
  ASSERT_TRUE(sink->close().has_value());
  EXPECT_TRUE(isOneFrame());
  EXPECT_TRUE(isWhole());
}

TEST_F(ZstdSink, HoldsWhatWasFlushedWhereverItBreaksOffBehind) {
  constexpr std::size_t kPackets = 30;
  const auto packets = incompressible(kPackets + 1);
  const auto frames = framesOf(packets);
  const auto writer = createZstd(path());
  ASSERT_TRUE(writer->write(std::span(frames).first(kPackets)).has_value());
  ASSERT_TRUE(writer->flush().has_value());
  const std::size_t flushed = readWholeFile(path()).size();
  ASSERT_TRUE(writer->write(std::span(frames).last(1)).has_value());
  ASSERT_TRUE(writer->close().has_value());
  const Bytes whole = readWholeFile(path());
  ASSERT_GT(whole.size(), flushed);
  const auto expected = firstOf(packets, kPackets);
  for (std::size_t size = flushed; size < whole.size(); ++size) {
    const std::string cut = folder_.write("cut", slice(whole, 0, size));
    const auto decoded = runCommand(fmt::format("(zstd -dcq {} > {}.pcap)", cut, cut));
    EXPECT_EQ(decoded.exitCode, 1) << "it breaks off";
    // A raw block is decoded as far as it is there.
    const auto theirs = drainFile(cut + ".pcap").packets;
    ASSERT_GE(theirs.size(), kPackets) << size;
    EXPECT_EQ(firstOf(theirs, kPackets), expected);
    const auto ours = drainFile(cut);
    ASSERT_GE(ours.packets.size(), kPackets) << size;
    EXPECT_EQ(firstOf(ours.packets, kPackets), expected);
    const auto messages = ours.messages();
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(messages[0].starts_with("the zstd data breaks off")) << messages[0];
  }
}

/// Writes all packets, and flushes behind each where asked to, to a file that cannot grow beyond
/// `limit`.
Result<void> writeUpTo(const std::string& path, std::size_t limit,
                       const std::vector<Packet>& packets, bool isFlushed) {
  const auto frames = framesOf(packets);
  const auto writer = createZstd(path);
  const FileSizeLimit limited(limit);
  Result<void> written;
  for (const Frame& frame : frames) {
    if (written) written = writer->write({&frame, 1});
    if (written && isFlushed) written = writer->flush();
  }
  return written ? writer->close() : written;
}

TEST_F(ZstdSink, EndsItsFrameAtAnySizeThatTheFileCannotExceed) {
  constexpr std::size_t kLargestPacket = 16 + 76 + 150;
  const auto packets = incompressible(8);
  for (const bool isFlushed : {false, true}) {
    bool isComplete = false;
    std::size_t limit = 45;  // which the file has when the limit comes
    for (; !isComplete; ++limit) {
      SCOPED_TRACE(fmt::format("{} bytes, {}flushed", limit, isFlushed ? "" : "not "));
      const auto written = writeUpTo(path(), limit, packets, isFlushed);
      ASSERT_TRUE(isOneFrame());
      ASSERT_TRUE(limit % 16 != 0 || isWhole());
      const auto kept = drainFile(path()).packets;
      ASSERT_LE(kept.size(), packets.size());
      EXPECT_EQ(kept, firstOf(packets, kept.size()));
      isComplete = written.has_value();
      if (isComplete) continue;
      EXPECT_EQ(describe(written.error()),
                fmt::format("cannot write to x: File too large. It holds {} whole packet{} now, "
                            "and no part of another.",
                            kept.size(), kept.size() == 1 ? "" : "s"));
      EXPECT_GT(readWholeFile(path()).size() + kLargestPacket + 16, limit);
    }
    EXPECT_GT(limit, 900u);
    EXPECT_EQ(drainFile(path()).packets, packets);
  }
}

TEST_F(ZstdSink, EndsItsFrameOfWhatCompressesWell) {
  const auto packets = somePackets(40'000);
  for (std::size_t limit = 1'000; limit < 300'000; limit += 9'973) {
    SCOPED_TRACE(limit);
    const auto written = writeUpTo(path(), limit, packets, /*isFlushed=*/false);
    ASSERT_FALSE(written.has_value());
    ASSERT_TRUE(isOneFrame());
    ASSERT_TRUE(isWhole());
    const auto kept = drainFile(path()).packets;
    EXPECT_TRUE(kept == firstOf(packets, kept.size()));
    EXPECT_NE(describe(written.error()).find(fmt::format("It holds {} whole", kept.size())),
              std::string::npos);
    EXPECT_GT(readWholeFile(path()).size() + 300, limit);
  }
}

}  // namespace
}  // namespace vsdump::test
