// SPDX-License-Identifier: GPL-2.0-or-later
// Files cut at every byte, and files read in pieces of every size.
#include <gtest/gtest.h>

#include "capture/file/open.h"
#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

TEST(PcapCutAtEveryByte, DeliversAllPacketsBeforeTheCut) {
  const auto packets = somePackets(12);
  const auto file = pcapFile(packets);
  const auto offsets = pcapRecordOffsets(packets);
  for (std::size_t size = 0; size <= file.size(); ++size) {
    SCOPED_TRACE(size);
    const auto drained =
        drainBytes({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)});
    if (size < 24) {
      EXPECT_NE(drained.error, "");
      continue;
    }
    ASSERT_EQ(drained.error, "");
    std::size_t whole = 0;
    while (whole + 1 < offsets.size() && offsets[whole + 1] <= size) ++whole;
    ASSERT_EQ(drained.packets,
              (std::vector<Packet>{packets.begin(),
                                   packets.begin() + static_cast<std::ptrdiff_t>(whole)}));
    if (offsets[whole] == size) {
      EXPECT_EQ(drained.state, SourceState::End);
      EXPECT_TRUE(drained.notices.empty());
    } else {
      EXPECT_EQ(drained.state, SourceState::Damaged);
      ASSERT_EQ(drained.notices.size(), 1u);
      EXPECT_EQ(drained.notices[0].byteOffset, offsets[whole]);
    }
  }
}

TEST(PcapInPieces, IsTheSameForEverySizeOfPiece) {
  const auto packets = somePackets(12);
  const auto file = pcapFile(packets);
  for (std::size_t piece = 1; piece <= 200; ++piece) {
    const auto drained = drainBytes(file, piece);
    ASSERT_EQ(drained.packets, packets) << piece;
    ASSERT_EQ(drained.state, SourceState::End) << piece;
  }
}

TEST(CompressedCutAtEveryByte, DeliversSomeOfThePacketsAndSaysThatDataBreaksOff) {
  const auto packets = somePackets(12);
  for (const auto& file : {gzipped(pcapFile(packets)), zstdCompressed(pcapFile(packets))}) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      SCOPED_TRACE(size);
      const auto drained =
          drainBytes({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}, 7);
      if (!drained.error.empty()) {
        EXPECT_EQ(drained.packets.size(), 0u);
        continue;
      }
      EXPECT_EQ(drained.state, SourceState::Damaged);
      ASSERT_EQ(drained.notices.size(), 1u);
      EXPECT_NE(drained.notices[0].message.find("data breaks off"), std::string::npos);
      ASSERT_LE(drained.packets.size(), packets.size());
      EXPECT_TRUE(std::equal(drained.packets.begin(), drained.packets.end(), packets.begin()));
    }
  }
}

}  // namespace
}  // namespace vsdump::test
