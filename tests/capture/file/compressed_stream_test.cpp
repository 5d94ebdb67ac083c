// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_stream.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <memory>

#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

using Bytes = std::vector<std::byte>;

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

class Compressors : public testing::TestWithParam<Bytes (*)(const Bytes&)> {
 protected:
  static Bytes compress(const Bytes& bytes) { return GetParam()(bytes); }
};

INSTANTIATE_TEST_SUITE_P(CompressedStream, Compressors, testing::Values(&gzipped, &zstdCompressed));

TEST_P(Compressors, AreReadInPiecesOfAnySize) {
  const auto packets = somePackets(50);
  const Bytes file = compress(pcapFile(packets));
  for (const std::size_t piece : {1u, 2u, 3u, 17u, 1000u, 1'000'000u}) {
    const auto drained = drainBytes(file, piece);
    EXPECT_EQ(drained.error, "");
    EXPECT_EQ(drained.packets, packets) << piece;
    EXPECT_EQ(drained.state, SourceState::End);
  }
}

TEST_P(Compressors, MayExpandAHundredfold) {
  std::vector<Packet> packets;
  for (std::uint32_t i = 0; i < 100; ++i) {
    packets.push_back(
        {.timestampNs = i * 1000, .bytes = Bytes(100'000), .wireLength = 100'000, .number = i + 1});
  }
  const Bytes file = compress(pcapFile(packets));
  ASSERT_LT(file.size(), 100'000u);
  const auto drained = drainBytes(file);
  EXPECT_TRUE(drained.packets == packets);
  EXPECT_EQ(drained.state, SourceState::End);
}

TEST_P(Compressors, MayBeJoinedEndToEnd) {
  const auto packets = somePackets(20);
  const Bytes file = pcapFile(packets);
  const auto middle = file.begin() + 500;
  const Bytes both =
      joined({compress({file.begin(), middle}), compress({}), compress({middle, file.end()})});
  for (const std::size_t piece : {1u, 5u, 1'000'000u}) {
    const auto drained = drainBytes(both, piece);
    EXPECT_EQ(drained.packets, packets) << piece;
    EXPECT_EQ(drained.state, SourceState::End);
  }
}

TEST_P(Compressors, MayEndInSomethingElseWhichIsSaid) {
  const auto packets = somePackets(5);
  const Bytes garbage(20, std::byte{'x'});
  const auto drained = drainBytes(joined({compress(pcapFile(packets)), garbage}));
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::Damaged);
  ASSERT_EQ(drained.notices.size(), 1u);
  EXPECT_NE(drained.notices[0].message.find("data is damaged ("), std::string::npos);
}

TEST_P(Compressors, HandOutWhatComesBeforeADamage) {
  // Bytes that do not compress, so that the damage hits one block of several.
  std::vector<Packet> packets;
  std::uint64_t random = 1;
  for (std::uint32_t i = 0; i < 100; ++i) {
    Packet packet{.timestampNs = i * 1000, .wireLength = 10'000, .number = i + 1};
    for (int k = 0; k < 10'000; ++k) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      packet.bytes.push_back(static_cast<std::byte>(random >> 56));
    }
    packets.push_back(std::move(packet));
  }
  Bytes file = compress(pcapFile(packets));
  file.resize(file.size() / 2);
  const auto drained = drainBytes(file);
  EXPECT_GT(drained.packets.size(), 25u);
  EXPECT_TRUE(std::equal(drained.packets.begin(), drained.packets.end(), packets.begin()));
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(GzipStream, SaysThatTheChecksumIsWrong) {
  const auto packets = somePackets(5);
  Bytes file = gzipped(pcapFile(packets));
  file[file.size() - 8] ^= std::byte{1};
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets, packets);
  ASSERT_EQ(drained.notices.size(), 1u);
  EXPECT_EQ(drained.notices[0].message, "the gzip data is damaged (incorrect data check)");
}

TEST(GzipStream, MayBePaddedWithZeros) {
  const auto packets = somePackets(5);
  const auto drained = drainBytes(joined({gzipped(pcapFile(packets)), Bytes(1000)}), 100);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::End);
}

TEST(ZstdStream, MayBeginWithASkippableFrame) {
  const auto packets = somePackets(5);
  ByteWriter skippable(false);
  skippable.u32(ZSTD_MAGIC_SKIPPABLE_START).u32(3).u8(1).u8(2).u8(3);
  EXPECT_EQ(drainBytes(joined({skippable.out, zstdCompressed(pcapFile(packets))})).packets,
            packets);
}

TEST(ZstdStream, HandsOutWhatAWrongChecksumIsOf) {
  const auto packets = somePackets(5);
  const Bytes plain = pcapFile(packets);
  const std::unique_ptr<ZSTD_CCtx, decltype(&::ZSTD_freeCCtx)> context(::ZSTD_createCCtx(),
                                                                       &::ZSTD_freeCCtx);
  ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  Bytes file(::ZSTD_compressBound(plain.size()));
  file.resize(
      ::ZSTD_compress2(context.get(), file.data(), file.size(), plain.data(), plain.size()));
  ASSERT_EQ(drainBytes(file).state, SourceState::End);
  file.back() ^= std::byte{1};
  for (const Bytes& damaged : {file, joined({zstdCompressed({}), file})}) {
    const auto drained = drainBytes(damaged);
    EXPECT_EQ(drained.packets, packets);
    ASSERT_EQ(drained.notices.size(), 1u);
    EXPECT_EQ(drained.notices[0].message,
              "the zstd data is damaged (Restored data doesn't match checksum)");
  }
}

TEST(ZstdStream, HandsOutTheBlockBeforeADamagedOne) {
  const auto packets = somePackets(5);
  const Bytes plain = pcapFile(packets);
  // By RFC 8878: a frame of raw blocks of any size up to 64 KiB, the last of which is of no type.
  constexpr std::uint8_t kWindowOf64KiB = 6 << 3;
  constexpr std::uint32_t kReservedType = 3 << 1;
  ByteWriter frame(false);
  const auto blockHeader = [&](std::uint32_t header) {
    frame.u16(static_cast<std::uint16_t>(header)).u8(static_cast<std::uint8_t>(header >> 16));
  };
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(kWindowOf64KiB);
  blockHeader(static_cast<std::uint32_t>(plain.size() << 3));
  frame.bytes(plain);
  blockHeader(kReservedType);
  for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
    const auto drained = drainBytes(frame.out, piece);
    EXPECT_EQ(drained.packets, packets) << piece;
    EXPECT_EQ(drained.state, SourceState::Damaged);
  }
}

TEST(ZstdStream, RefusesAWindowThatTakesTooMuchMemory) {
  // A frame header by RFC 8878: no content size, a window of 2^(10 + 18) bytes.
  ByteWriter frame(false);
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(18 << 3).u8(1).u8(0).u8(0);
  EXPECT_EQ(
      drainBytes(frame.out).error,
      "cannot read x: the zstd data is damaged (Frame requires too much memory for decoding)");
}

TEST(CompressedStream, SaysWhatIsInsideWhenItIsNoCapture) {
  ByteWriter text(false);
  text.text("hello, world");
  EXPECT_EQ(drainBytes(gzipped(text.out)).error,
            "cannot read x: its gzip data is neither a pcap nor a pcapng file (it begins with 68 "
            "65 6c 6c)");
  EXPECT_EQ(drainBytes(zstdCompressed({})).error, "cannot read x: its zstd data is empty");
}

}  // namespace
}  // namespace vsdump::test
