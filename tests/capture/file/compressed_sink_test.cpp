// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_sink.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/capture/file/drained.h"
#include "tests/capture/file/temporary.h"
#include "tests/capture/file/writing.h"

namespace vsdump::test {
namespace {

class CompressedWriters : public testing::TestWithParam<Compression> {
 protected:
  std::unique_ptr<PacketWriter> create() const {
    return writerOn(createFile(path()), {.compression = GetParam(), .nanoseconds = true});
  }
  std::string path() const { return folder_.path("a"); }

  /// Whether the compressor's own program takes the file for whole.
  bool isWhole() const {
    const std::string tool = GetParam() == Compression::Gzip ? "gzip -tc " : "zstd -tqc ";
    return runCommand(tool + "< " + path()).exitCode == 0;
  }

 private:
  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(CompressedSink, CompressedWriters,
                         testing::Values(Compression::Gzip, Compression::Zstd));

TEST_P(CompressedWriters, WriteWhatReadersAndTheOwnToolsTake) {
  const auto packets = somePackets(2000);
  const auto writer = create();
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  ASSERT_TRUE(writer->close().has_value());
  EXPECT_TRUE(isWhole());
  const auto drained = drainFile(path());
  EXPECT_TRUE(drained.packets == packets);
  EXPECT_EQ(drained.state, SourceState::End);
}

TEST_P(CompressedWriters, LeaveAFileBehindEveryFlushThatCanBeRead) {
  const auto packets = somePackets(20);
  const auto frames = framesOf(packets);
  const auto writer = create();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    ASSERT_TRUE(writer->write({&frames[i], 1}).has_value());
    ASSERT_TRUE(writer->flush().has_value());
    ASSERT_EQ(isWhole(), GetParam() == Compression::Gzip) << "a zstd frame is ended by close()";
    ASSERT_EQ(drainFile(path()).packets.size(), i + 1);
  }
}

TEST_P(CompressedWriters, LeaveAllThePacketsThatHaveRoomInAFileThatCannotGrow) {
  const auto packets = incompressible(9000);
  const auto frames = framesOf(packets);
  // Before and behind a flush, in a first write and in a later one.
  for (const std::size_t flushed : {0U, 1000U}) {
    for (const std::size_t more : {10U, 5'000U, 50'000U, 700'000U}) {
      SCOPED_TRACE(fmt::format("{} packets, {} more bytes", flushed, more));
      const auto writer = create();
      ASSERT_TRUE(writer->write(std::span(frames).first(flushed)).has_value());
      ASSERT_TRUE(writer->flush().has_value());
      const auto limit = readWholeFile(path()).size() + more;
      Result<void> written;
      {
        const FileSizeLimit limited(limit);
        written = writer->write(std::span(frames).subspan(flushed));
        if (written) written = writer->close();
      }
      ASSERT_FALSE(written.has_value());
      EXPECT_TRUE(isWhole());
      const auto drained = drainFile(path());
      EXPECT_EQ(drained.state, SourceState::End);
      const auto kept = static_cast<std::ptrdiff_t>(drained.packets.size());
      ASSERT_LE(drained.packets.size(), packets.size());
      EXPECT_TRUE(std::equal(packets.begin(), packets.begin() + kept, drained.packets.begin()));
      EXPECT_EQ(describe(written.error()),
                fmt::format("cannot write to x: File too large. It holds {} whole packets now, and "
                            "no part of another.",
                            kept));
      const auto size = readWholeFile(path()).size();
      EXPECT_LE(size, limit);
      EXPECT_GT(size + 2000, limit) << "there was room for more";
    }
  }
}

TEST_P(CompressedWriters, HandOnWhatTheyHaveNowAndThenByThemselves) {
  const auto packets = somePackets(60'000);
  const auto writer = create();
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  // Killed here: what stands in the file up to there can be read.
  const auto drained = drainFile(path());
  EXPECT_GT(drained.packets.size(), 20'000u);
  EXPECT_TRUE(std::equal(drained.packets.begin(), drained.packets.end(), packets.begin()));
}

}  // namespace
}  // namespace vsdump::test
