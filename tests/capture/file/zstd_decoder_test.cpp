// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <string>
#include <vector>

#include "tests/capture/file/compressed_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

using Words = std::vector<std::string>;

TEST(ZstdDecoder, MayBeginWithASkippableFrame) {
  const auto packets = somePackets(5);
  ByteWriter skippable(false);
  skippable.u32(ZSTD_MAGIC_SKIPPABLE_START).u32(3).u8(1).u8(2).u8(3);
  EXPECT_EQ(drainBytes(joined({skippable.out, zstdCompressed(pcapFile(packets))})).packets,
            packets);
}

TEST(ZstdDecoder, PassesASkippableFrameOfAnySize) {
  constexpr std::uint32_t kSize = 300'000;  // more than a block
  const auto packets = somePackets(5);
  ByteWriter skippable(false);
  skippable.u32(ZSTD_MAGIC_SKIPPABLE_START).u32(kSize).bytes(Bytes(kSize));
  for (const std::size_t piece : {10'000u, 1'000'000u}) {
    const auto drained =
        drainBytes(joined({skippable.out, zstdCompressed(pcapFile(packets))}), piece);
    EXPECT_EQ(drained.packets, packets);
    EXPECT_EQ(drained.state, SourceState::End);
  }
}

TEST(ZstdDecoder, HandsOutWhatAWrongChecksumIsOf) {
  const auto packets = somePackets(5);
  const Bytes plain = pcapFile(packets);
  ASSERT_EQ(drainBytes(zstdWithChecksum(plain)).state, SourceState::End);
  const Bytes file = zstdWithWrongChecksum(plain);
  for (const Bytes& damaged : {file, joined({zstdCompressed({}), file})}) {
    const auto drained = drainBytes(damaged);
    EXPECT_EQ(drained.packets, packets);
    EXPECT_EQ(drained.messages(),
              (Words{fmt::format("the zstd data is damaged (Restored data doesn't match checksum): "
                                 "what it holds from byte 0 on, up to here, may be wrong @{}",
                                 plain.size())}));
  }
}

TEST(ZstdDecoder, HandsOutTheBlockBeforeADamagedOne) {
  const auto packets = somePackets(5);
  for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
    const auto drained = drainBytes(zstdWithBadBlock(pcapFile(packets)), piece);
    EXPECT_EQ(drained.packets, packets) << piece;
    EXPECT_EQ(drained.state, SourceState::Damaged);
  }
}

TEST(ZstdDecoder, HandsOutWhatIsThereOfARawBlock) {
  const auto packets = somePackets(20);
  // The frame's header, and the block's: 6 and 3 bytes.
  const Bytes file =
      slice(zstdLackingItsEnd(pcapFile(packets), 0), 0, 9 + pcapFile(packets).size());
  for (const std::size_t lost : {0u, 1u, 50u}) {
    for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
      const auto drained = drainBytes(slice(file, 0, file.size() - lost), piece);
      EXPECT_EQ(drained.packets.size(), lost == 0 ? 20 : 19) << piece;
      EXPECT_THAT(drained.messages(), testing::Contains(fmt::format(
                                          "the zstd data breaks off @{}",
                                          pcapRecordOffsets(packets)[drained.packets.size()])));
    }
  }
}

TEST(ZstdDecoder, LosesNoFrameToBytesThatTheLastBlockBeforeItLacks) {
  const auto packets = somePackets(5);
  for (const std::size_t lost : {0u, 1u, 3u, 4u, 7u, 8u, 9u, 30u, 59u}) {
    const Bytes bad = zstdLackingBytes(lost);
    const std::size_t size = kLastBlockSize - lost;
    for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
      const auto drained = drainBytes(joined({bad, zstdCompressed(pcapFile(packets))}), piece);
      EXPECT_EQ(drained.packets, packets) << lost;
      EXPECT_EQ(drained.messages(),
                (Words{fmt::format("the zstd data is damaged (Dictionary is corrupted) and {} "
                                   "byte{} of it, from byte {} on, {} left out @0",
                                   size, size == 1 ? "" : "s", bad.size() - size,
                                   size == 1 ? "is" : "are")}));
    }
  }
}

TEST(ZstdDecoder, RefusesAWindowThatTakesTooMuchMemory) {
  // A frame header by RFC 8878: no content size, a window of 2^(10 + 18) bytes.
  ByteWriter frame(false);
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(18 << 3).u8(1).u8(0).u8(0);
  EXPECT_EQ(
      drainBytes(frame.out).error,
      "cannot read x: the zstd data needs a window of more than 128 MiB (decompress it first: "
      "zstd -d --long=31) and 4 bytes of it, from byte 5 on, are left out");
}

TEST(ZstdDecoder, SaysWhatHelpsWhereADictionaryIsNeeded) {
  // A frame header by RFC 8878: with one byte of a dictionary's number, which is 7.
  ByteWriter frame(false);
  frame.u32(ZSTD_MAGICNUMBER).u8(1).u8(0).u8(7).u8(1).u8(0).u8(0);
  EXPECT_EQ(drainBytes(frame.out).error,
            "cannot read x: the zstd data needs a dictionary (decompress it first: zstd -d -D "
            "DICTIONARY) and 5 bytes of it, from byte 5 on, are left out");
}

TEST(ZstdDecoder, SaysWhatIsLeftOutOfACompressedBlock) {
  const Bytes file = zstdCompressed(pcapFile(somePackets(200)));
  for (const std::size_t lost : {1u, 100u, 1000u}) {
    // The frame's header, which has the size of the content, and the block's: 7 and 3 bytes.
    EXPECT_EQ(drainBytes(slice(file, 0, file.size() - lost)).error,
              fmt::format("cannot read x: the zstd data breaks off and {} bytes of it, from byte "
                          "10 on, are left out",
                          file.size() - lost - 10));
  }
}

}  // namespace
}  // namespace vsdump::test
