// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_sink.h"

#include <gtest/gtest.h>

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

TEST_P(CompressedWriters, LeaveAWholeFileBehindEveryFlush) {
  const auto packets = somePackets(20);
  const auto frames = framesOf(packets);
  const auto writer = create();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    ASSERT_TRUE(writer->write({&frames[i], 1}).has_value());
    ASSERT_TRUE(writer->flush().has_value());
    ASSERT_TRUE(isWhole());
    ASSERT_EQ(drainFile(path()).packets.size(), i + 1);
  }
}

TEST_P(CompressedWriters, CutAFileThatCannotGrowBackToAWholeOne) {
  // Bytes that do not compress, so that the limit is met early.
  auto packets = somePackets(3000);
  std::uint64_t random = 1;
  for (Packet& packet : packets) {
    for (std::byte& byte : packet.bytes) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<std::byte>(random >> 56);
    }
  }
  const auto frames = framesOf(packets);
  const auto writer = create();
  ASSERT_TRUE(writer->write(std::span(frames).first(1000)).has_value());
  ASSERT_TRUE(writer->flush().has_value());
  const auto size = readWholeFile(path()).size();
  Result<void> written;
  {
    const FileSizeLimit limited(size + 50'000);
    written = writer->write(std::span(frames).subspan(1000));
    if (written) written = writer->close();
  }
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(describe(written.error()),
            "cannot write to x: File too large. It holds 1000 whole packets now, and no part of "
            "another.");
  EXPECT_EQ(readWholeFile(path()).size(), size);
  EXPECT_TRUE(isWhole());
  EXPECT_EQ(drainFile(path()).packets.size(), 1000u);
}

TEST_P(CompressedWriters, CompleteAMemberNowAndThenByThemselves) {
  const auto packets = somePackets(60'000);
  const auto writer = create();
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  // Killed here: what stands in the file up to the last whole member can be read.
  const auto drained = drainFile(path());
  EXPECT_GT(drained.packets.size(), 20'000u);
  EXPECT_TRUE(std::equal(drained.packets.begin(), drained.packets.end(), packets.begin()));
}

}  // namespace
}  // namespace vsdump::test
