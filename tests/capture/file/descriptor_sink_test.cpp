// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/descriptor_sink.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "capture/file/create.h"
#include "tests/capture/file/temporary.h"
#include "tests/capture/file/writing.h"

namespace vsdump::test {
namespace {

class RemovedFile : public testing::TestWithParam<Compression> {
 protected:
  std::string path() const { return folder_.path("a"); }

  /// A writer to whom everything was given before the file was removed.
  std::unique_ptr<PacketWriter> writerOfThree(bool isInherited = false) const {
    auto writer = createCapture(createFile(path()), "x", {.compression = GetParam()}, isInherited);
    EXPECT_TRUE((*writer)->write(framesOf(packets_)).has_value());
    EXPECT_TRUE((*writer)->flush().has_value());
    return std::move(*writer);
  }

 private:
  TemporaryFolder folder_;
  std::vector<Packet> packets_ = somePackets(3);
};

INSTANTIATE_TEST_SUITE_P(DescriptorSink, RemovedFile,
                         testing::Values(Compression::None, Compression::Gzip, Compression::Zstd));

TEST_P(RemovedFile, IsToldByTheNextFlushAndByTheEnd) {
  const auto writer = writerOfThree();
  std::filesystem::remove(path());
  const auto flushed = writer->flush();
  ASSERT_FALSE(flushed.has_value());
  EXPECT_EQ(flushed.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(describe(flushed.error()),
            "cannot write to x: it was removed while it was written. 3 whole packets had been "
            "written to it.");
  EXPECT_FALSE(writer->close().has_value());
}

TEST_P(RemovedFile, IsToldByTheEndAlone) {
  const auto writer = writerOfThree();
  std::filesystem::remove(path());
  EXPECT_FALSE(writer->close().has_value());
}

TEST_P(RemovedFile, IsNoneWhileItHasAnotherName) {
  const auto writer = writerOfThree();
  std::filesystem::rename(path(), path() + "b");
  EXPECT_TRUE(writer->flush().has_value());
  std::filesystem::create_hard_link(path() + "b", path());
  std::filesystem::remove(path() + "b");
  EXPECT_TRUE(writer->close().has_value());
}

TEST_P(RemovedFile, IsNoLossToWhoHasOpenedItForUs) {
  const auto writer = writerOfThree(true);
  std::filesystem::remove(path());
  EXPECT_TRUE(writer->close().has_value());
}

TEST_P(RemovedFile, IsWrittenWhereItHadNoNameFromTheStart) {
  Descriptor file = createFile(path());
  std::filesystem::remove(path());
  const auto writer = writerOn(std::move(file), {.compression = GetParam()});
  EXPECT_TRUE(writer->flush().has_value());
  EXPECT_TRUE(writer->close().has_value());
}

}  // namespace
}  // namespace vsdump::test
