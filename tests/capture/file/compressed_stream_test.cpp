// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_stream.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

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

/// A zstd frame with a checksum behind it.
Bytes zstdWithChecksum(const Bytes& plain) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&::ZSTD_freeCCtx)> context(::ZSTD_createCCtx(),
                                                                       &::ZSTD_freeCCtx);
  ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  Bytes file(::ZSTD_compressBound(plain.size()));
  file.resize(
      ::ZSTD_compress2(context.get(), file.data(), file.size(), plain.data(), plain.size()));
  return file;
}

Bytes zstdWithWrongChecksum(const Bytes& plain) {
  Bytes file = zstdWithChecksum(plain);
  file.back() ^= std::byte{1};
  return file;
}

Bytes gzippedWithWrongChecksum(const Bytes& plain) {
  Bytes file = gzipped(plain);
  file[file.size() - 8] ^= std::byte{1};
  return file;
}

constexpr std::size_t kJunkInMember = 20;

/// By RFC 8878: a frame of raw blocks of any size up to 64 KiB, the last of which is of no type.
Bytes zstdWithBadBlock(const Bytes& plain) {
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
  return joined({frame.out, Bytes(kJunkInMember - 3)});
}

constexpr std::size_t kLastBlockSize = 60;

/// By RFC 8878: a frame whose last block, which cannot be decoded, is of the size above but for
/// `lost` bytes.
Bytes zstdLackingBytes(std::size_t lost) {
  constexpr std::uint8_t kWindowOf64KiB = 6 << 3;
  constexpr std::uint32_t kCompressedAndLast = 2 << 1 | 1;
  ByteWriter frame(false);
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(kWindowOf64KiB);
  frame.u16(kLastBlockSize << 3 | kCompressedAndLast).u8(0);
  // Literals by a table that no block before it has.
  return joined({frame.out, Bytes(kLastBlockSize - lost, std::byte{0xff})});
}

/// By RFC 1951 and RFC 1952: a member of a stored block and one that is of no type.
Bytes gzippedWithBadBlock(const Bytes& plain) {
  constexpr std::uint8_t kReservedType = 3 << 1;
  const auto size = static_cast<std::uint16_t>(plain.size());
  ByteWriter member(false);
  member.u8(0x1f).u8(0x8b).u8(8).u8(0).u32(0).u8(0).u8(3);
  member.u8(0).u16(size).u16(static_cast<std::uint16_t>(~size)).bytes(plain);
  member.u8(kReservedType);
  // The byte with the type is consumed.
  return joined({member.out, Bytes(kJunkInMember)});
}

/// A frame of raw blocks, and a member of one stored block, that lacks its last bytes.
Bytes zstdLackingItsEnd(const Bytes& plain, std::size_t lacking) {
  constexpr std::uint8_t kWindowOf64KiB = 6 << 3;
  constexpr std::uint32_t kRawAndLast = 1;
  ByteWriter frame(false);
  const auto blockHeader = [&](std::uint32_t header) {
    frame.u16(static_cast<std::uint16_t>(header)).u8(static_cast<std::uint8_t>(header >> 16));
  };
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(kWindowOf64KiB);
  blockHeader(static_cast<std::uint32_t>(plain.size() << 3));
  frame.bytes(plain);
  blockHeader(static_cast<std::uint32_t>(lacking << 3 | kRawAndLast));
  return frame.out;
}

Bytes storedByGzip(const Bytes& plain, std::size_t size) {
  ByteWriter member(false);
  member.u8(0x1f).u8(0x8b).u8(8).u8(0).u32(0).u8(0).u8(3);
  member.u8(1).u16(static_cast<std::uint16_t>(size)).u16(static_cast<std::uint16_t>(~size));
  return joined({member.out, plain});
}

/// A sound member of one stored block.
Bytes stored(const Bytes& plain) {
  const auto crc =
      ::crc32(0, reinterpret_cast<const Bytef*>(plain.data()), static_cast<uInt>(plain.size()));
  ByteWriter trailer(false);
  trailer.u32(static_cast<std::uint32_t>(crc)).u32(static_cast<std::uint32_t>(plain.size()));
  return joined({storedByGzip(plain, plain.size()), trailer.out});
}

Bytes gzippedLackingItsEnd(const Bytes& plain, std::size_t lacking) {
  return storedByGzip(plain, plain.size() + lacking);
}

using Words = std::vector<std::string>;

Bytes slice(const Bytes& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from),
          bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

/// A capture of some of the packets.
Bytes fileOf(const std::vector<Packet>& packets, std::size_t from, std::size_t to) {
  return pcapFile({packets.begin() + static_cast<std::ptrdiff_t>(from),
                   packets.begin() + static_cast<std::ptrdiff_t>(to)});
}

/// Packets for two captures, whose numbers go on.
std::pair<std::vector<Packet>, std::vector<Packet>> halves() {
  const auto all = somePackets(20);
  return {{all.begin(), all.begin() + 12}, {all.begin() + 12, all.end()}};
}

std::vector<Packet> joined(std::vector<Packet> first, const std::vector<Packet>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
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

TEST_P(Compressors, MayEndInTooLittleToTell) {
  const auto packets = somePackets(5);
  const Bytes sound = compress(pcapFile(packets));
  const auto drained = drainBytes(joined({sound, Bytes(1, sound[0])}));
  EXPECT_EQ(drained.packets, packets);
  ASSERT_EQ(drained.notices.size(), 1U);
  EXPECT_NE(drained.notices[0].message.find(fmt::format(
                "data breaks off and 1 byte of it, from byte {} on, is left out", sound.size())),
            std::string::npos);
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
  EXPECT_EQ(
      drained.messages(),
      (Words{fmt::format("the gzip data is damaged (incorrect data check): what it holds from "
                         "byte 0 on, up to here, may be wrong @{}",
                         pcapFile(packets).size())}));
}

TEST(GzipStream, SaysThatTheChecksumIsWrongOfAMemberThatIsCutBehindIt) {
  const auto packets = somePackets(5);
  const Bytes file = gzippedWithWrongChecksum(pcapFile(packets));
  for (const std::size_t lost : {1u, 4u}) {
    const auto drained = drainBytes(slice(file, 0, file.size() - lost));
    EXPECT_EQ(drained.packets, packets);
    EXPECT_EQ(drained.messages(),
              (Words{fmt::format("the gzip data breaks off (incorrect data check) @{}",
                                 pcapFile(packets).size())}));
  }
}

TEST(GzipStream, GoesOnBehindAWrongLength) {
  const auto [first, second] = halves();
  Bytes file = gzipped(pcapFile(first));
  file.back() ^= std::byte{1};
  const auto drained = drainBytes(joined({file, gzipped(pcapFile(second))}));
  EXPECT_EQ(drained.packets, joined(first, second));
  EXPECT_EQ(drained.state, SourceState::Damaged);
  ASSERT_EQ(drained.notices.size(), 2u);
  EXPECT_NE(drained.notices[0].message.find("(incorrect length check): "), std::string::npos);
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

TEST(ZstdStream, PassesASkippableFrameOfAnySize) {
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

TEST(ZstdStream, HandsOutWhatAWrongChecksumIsOf) {
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

TEST(ZstdStream, HandsOutTheBlockBeforeADamagedOne) {
  const auto packets = somePackets(5);
  for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
    const auto drained = drainBytes(zstdWithBadBlock(pcapFile(packets)), piece);
    EXPECT_EQ(drained.packets, packets) << piece;
    EXPECT_EQ(drained.state, SourceState::Damaged);
  }
}

TEST(ZstdStream, HandsOutWhatIsThereOfARawBlock) {
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

TEST(ZstdStream, LosesNoFrameToBytesThatTheLastBlockBeforeItLacks) {
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

TEST(ZstdStream, RefusesAWindowThatTakesTooMuchMemory) {
  // A frame header by RFC 8878: no content size, a window of 2^(10 + 18) bytes.
  ByteWriter frame(false);
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(18 << 3).u8(1).u8(0).u8(0);
  EXPECT_EQ(
      drainBytes(frame.out).error,
      "cannot read x: the zstd data needs a window of more than 128 MiB (decompress it first: "
      "zstd -d --long=31) and 4 bytes of it, from byte 5 on, are left out");
}

TEST(ZstdStream, SaysWhatHelpsWhereADictionaryIsNeeded) {
  // A frame header by RFC 8878: with one byte of a dictionary's number, which is 7.
  ByteWriter frame(false);
  frame.u32(ZSTD_MAGICNUMBER).u8(1).u8(0).u8(7).u8(1).u8(0).u8(0);
  EXPECT_EQ(drainBytes(frame.out).error,
            "cannot read x: the zstd data needs a dictionary (decompress it first: zstd -d -D "
            "DICTIONARY) and 5 bytes of it, from byte 5 on, are left out");
}

/// A compression, and members of it that are damaged.
struct Damaging {
  std::string name;
  Bytes (*compress)(const Bytes&);
  Bytes (*withWrongChecksum)(const Bytes&);
  Bytes (*withBadBlock)(const Bytes&);
  Bytes (*lackingItsEnd)(const Bytes&, std::size_t lacking);
  std::string badChecksum{};  ///< the library's words
  std::string badBlock{};
};

void PrintTo(const Damaging& damaging, std::ostream* out) {
  *out << damaging.name;
}

class DamagedMembers : public testing::TestWithParam<Damaging> {
 protected:
  static std::string saysOfChecksum(std::size_t from, std::size_t upTo) {
    return fmt::format(
        "the {} data is damaged ({}): what it holds from byte {} on, up to here, may "
        "be wrong @{}",
        GetParam().name, GetParam().badChecksum, from, upTo);
  }
  /// Of junk that ends at a place in the compressed data.
  static std::string saysOfBlock(std::size_t end) {
    return fmt::format(
        "the {} data is damaged ({}) and {} bytes of it, from byte {} on, are left out",
        GetParam().name, GetParam().badBlock, kJunkInMember, end - kJunkInMember);
  }
};

INSTANTIATE_TEST_SUITE_P(
    CompressedStream, DamagedMembers,
    testing::Values(Damaging{"gzip", &gzipped, &gzippedWithWrongChecksum, &gzippedWithBadBlock,
                             &gzippedLackingItsEnd, "incorrect data check", "invalid block type"},
                    Damaging{"zstd", &zstdCompressed, &zstdWithWrongChecksum, &zstdWithBadBlock,
                             &zstdLackingItsEnd, "Restored data doesn't match checksum",
                             "Data corruption detected"}));

TEST_P(DamagedMembers, WhoseChecksumsAreWrongAreReadAndJoined) {
  const auto packets = somePackets(20);
  const Bytes file = pcapFile(packets);
  const auto wrong = [&](std::size_t from, std::size_t to) {
    return GetParam().withWrongChecksum(slice(file, from, to));
  };
  const Bytes all = joined({wrong(0, 2), wrong(2, 500), GetParam().compress(slice(file, 500, 600)),
                            wrong(600, file.size())});
  for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
    const auto drained = drainBytes(all, piece);
    EXPECT_EQ(drained.packets, packets) << piece;
    EXPECT_EQ(drained.state, SourceState::Damaged);
    EXPECT_EQ(drained.messages(), (Words{saysOfChecksum(0, 2), saysOfChecksum(2, 500),
                                         saysOfChecksum(600, file.size())}));
  }
}

TEST_P(DamagedMembers, AreLeftAndTheNextCaptureIsRead) {
  const auto [first, second] = halves();
  Bytes plain = pcapFile(first);
  plain.resize(plain.size() + 10);  // of a record
  const Bytes bad = GetParam().withBadBlock(plain);
  for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
    const auto drained = drainBytes(joined({bad, GetParam().compress(pcapFile(second))}), piece);
    EXPECT_EQ(drained.packets, joined(first, second)) << piece;
    EXPECT_EQ(drained.state, SourceState::Damaged);
    EXPECT_EQ(drained.messages(),
              (Words{saysOfBlock(bad.size()) +
                         fmt::format(": skipped 10 bytes, up to the next packet that can be "
                                     "recognised @{}",
                                     plain.size() - 10),
                     fmt::format("another pcap file begins here and is read as well @{}",
                                 plain.size())}));
  }
}

TEST_P(DamagedMembers, DoNotGiveTheNextOneHalfAPacket) {
  const auto packets = somePackets(20);
  for (const bool isPcapng : {false, true}) {
    const Bytes file = isPcapng ? pcapngFile(packets) : pcapFile(packets);
    const auto offsets = isPcapng ? pcapngBlockOffsets(packets) : pcapRecordOffsets(packets);
    // The front of a packet and the rest of another of the same length: glued they would be one.
    ASSERT_EQ(packets[3].bytes.size(), packets[10].bytes.size());
    const std::size_t cut = offsets[3] + 20;
    const std::size_t next = offsets[10] + 20;
    const Bytes all = joined({GetParam().withBadBlock(slice(file, 0, cut)),
                              GetParam().compress(slice(file, next, file.size()))});
    for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
      const auto drained = drainBytes(all, piece);
      ASSERT_EQ(drained.packets.size(), 12u) << piece;
      for (std::size_t i = 0; i < drained.packets.size(); ++i) {
        EXPECT_EQ(drained.packets[i].bytes, packets[i < 3 ? i : i + 8].bytes) << i;
      }
      EXPECT_EQ(drained.notices.size(), 1u);
      EXPECT_EQ(drained.notices[0].byteOffset, offsets[3]);
    }
  }
}

TEST_P(DamagedMembers, OfWhichNothingIsReadDoNotKeepTheNextOneFromIt) {
  const auto packets = somePackets(5);
  for (const Bytes& file : {pcapFile(packets), pcapngFile(packets)}) {
    for (const std::size_t size : {0u, 10u}) {
      const Bytes bad = GetParam().withBadBlock(slice(file, 0, size));
      const auto drained = drainBytes(joined({bad, bad, GetParam().compress(file)}), 7);
      EXPECT_EQ(drained.packets, packets);
      EXPECT_EQ(drained.state, SourceState::Damaged);
      EXPECT_EQ(drained.messages(),
                (Words{fmt::format("{} @{}", saysOfBlock(bad.size()), size),
                       fmt::format("{} @{}", saysOfBlock(2 * bad.size()), 2 * size)}));
    }
  }
}

TEST_P(DamagedMembers, AreAllThatIsReadWhereTheFirstSectionHeaderBreaksOff) {
  const Bytes file = pcapngFile(somePackets(5));
  const Bytes bad = GetParam().withBadBlock(slice(file, 0, 26));
  const auto drained = drainBytes(joined({bad, GetParam().compress(file)}), 7);
  EXPECT_EQ(drained.error, "cannot read x: " + saysOfBlock(bad.size()));
}

TEST_P(DamagedMembers, MayBeAnythingBetweenTwoThatAreSound) {
  const auto [first, second] = halves();
  const Bytes one = GetParam().compress(pcapFile(first));
  const Bytes other = GetParam().compress(pcapFile(second));
  for (const std::size_t size : {1u, 2u, 50u}) {
    // Ends as the other's magic number begins.
    Bytes junk(size, std::byte{'x'});
    junk.back() = other[0];
    for (const std::size_t piece : {1u, 1'000'000u}) {
      const auto drained = drainBytes(joined({one, junk, other}), piece);
      EXPECT_EQ(drained.packets, joined(first, second)) << size;
      EXPECT_EQ(drained.state, SourceState::Damaged);
    }
  }
}

TEST_P(DamagedMembers, ThatReachIntoTheNextOneDoNotTakeItAlong) {
  const auto packets = somePackets(30);
  const Bytes first = fileOf(packets, 0, 12);
  const Bytes file =
      joined({GetParam().lackingItsEnd(first, 100), GetParam().compress(fileOf(packets, 12, 20)),
              GetParam().compress(fileOf(packets, 20, 30))});
  for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
    const auto drained = drainBytes(file, piece);
    EXPECT_EQ(drained.packets, packets) << piece;
    EXPECT_EQ(drained.state, SourceState::Damaged);
    std::vector<std::optional<std::uint64_t>> places;
    for (const SourceNotice& notice : drained.notices) places.push_back(notice.byteOffset);
    // What is decoded as the end that is lacking is no packet.
    EXPECT_THAT(places, testing::Contains(first.size()));
  }
}

/// What deflate data does by chance that goes on behind a cut: it comes back in step.
TEST(GzipStream, GoesBackToTheSoundMemberInWhichACutOneSeemsToEnd) {
  const auto packets = somePackets(30);
  const Bytes first = fileOf(packets, 0, 12);
  const Bytes second = gzipped(fileOf(packets, 12, 20));
  constexpr std::size_t kTrailer = 8;
  const std::size_t end = first.size() + second.size() - kTrailer;  // of the one that is cut
  const Bytes file = joined({storedByGzip(first, end), second, gzipped(fileOf(packets, 20, 30))});
  for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
    const auto drained = drainBytes(file, piece);
    EXPECT_EQ(drained.packets, packets) << piece;
    EXPECT_THAT(drained.messages(),
                testing::Contains(fmt::format("the gzip data is damaged (incorrect data check): "
                                              "what it holds from byte 0 on, up to here, may be "
                                              "wrong @{}",
                                              end)));
  }
}

TEST_P(DamagedMembers, ThatSeemToBeCutByTheEndDoNotTakeSoundOnesAlong) {
  const auto packets = somePackets(2000);
  const Bytes plain = fileOf(packets, 0, 12);
  // Of more than a block of zstd's has.
  const Bytes sound = GetParam().compress(fileOf(packets, 12, 1990));
  const Bytes more = GetParam().compress(fileOf(packets, 1990, 2000));
  const auto lacking = [&](const Bytes& behind) {
    return joined({GetParam().lackingItsEnd(plain, behind.size() + 1), behind});
  };
  for (const std::size_t piece : {1000u, 1'000'000u}) {
    for (const Bytes& file :
         {lacking(joined({sound, more})), lacking(joined({sound, more, Bytes(9)}))}) {
      const auto drained = drainBytes(file, piece);
      EXPECT_EQ(drained.packets, packets);
      EXPECT_THAT(drained.messages(), testing::Contains(testing::StartsWith(
                                          fmt::format("the {} data breaks off", GetParam().name))));
    }
  }
}

TEST(GzipStream, DoesNotReadTwiceWhatIsStoredInAMemberThatACutOneTakesAlong) {
  const auto packets = somePackets(20);
  const Bytes first = fileOf(packets, 0, 12);
  const Bytes second = fileOf(packets, 12, 20);
  const auto drained = drainBytes(
      joined({storedByGzip(first, first.size() + second.size() + 1000), stored(second)}));
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(ZstdStream, SaysWhatIsLeftOutOfACompressedBlock) {
  const Bytes file = zstdCompressed(pcapFile(somePackets(200)));
  for (const std::size_t lost : {1u, 100u, 1000u}) {
    // The frame's header, which has the size of the content, and the block's: 7 and 3 bytes.
    EXPECT_EQ(drainBytes(slice(file, 0, file.size() - lost)).error,
              fmt::format("cannot read x: the zstd data breaks off and {} bytes of it, from byte "
                          "10 on, are left out",
                          file.size() - lost - 10));
  }
}

TEST(GzipStream, GoesBackIntoNoMemberThatIsSound) {
  const auto [first, second] = halves();
  const Bytes inner = gzipped(pcapFile(second));
  for (const Bytes& payload : {inner, joined({inner, inner})}) {
    std::vector<Packet> packets = first;
    packets.push_back({.timestampNs = packets.back().timestampNs,
                       .bytes = joined({vsockRecord(1, 0), payload}),
                       .number = static_cast<std::uint32_t>(packets.size() + 1)});
    packets.back().wireLength = static_cast<std::uint32_t>(packets.back().bytes.size());
    const Bytes plain = pcapFile(packets);
    const Bytes member = stored(plain);
    for (const std::size_t piece : {1u, 1'000'000u}) {
      const auto drained = drainBytes(joined({member, Bytes(20, std::byte{'x'})}), piece);
      EXPECT_EQ(drained.packets, packets);
      EXPECT_EQ(drained.messages(),
                (Words{fmt::format("the gzip data is damaged (incorrect header check) and 20 bytes "
                                   "of it, from byte {} on, are left out @{}",
                                   member.size(), plain.size())}));
      const auto cut = drainBytes(slice(member, 0, member.size() - 1), piece);
      EXPECT_EQ(cut.packets, packets);
      EXPECT_EQ(cut.messages(), (Words{fmt::format("the gzip data breaks off @{}", plain.size())}));
    }
  }
}

TEST_P(DamagedMembers, AreToldOfBehindTheDamagedRecordsBeforeThem) {
  const auto packets = somePackets(20);
  Bytes file = pcapFile(packets);
  const auto offsets = pcapRecordOffsets(packets);
  for (const std::size_t record : {offsets[3], offsets[12]}) {
    std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(record), 16, std::byte{0xff});
  }
  const std::size_t border = offsets[8] + 5;
  const Bytes all = joined({GetParam().withWrongChecksum(slice(file, 0, border)),
                            GetParam().compress(slice(file, border, file.size()))});
  for (const std::size_t piece : {1u, 7u, 1'000'000u}) {
    const auto drained = drainBytes(all, piece);
    EXPECT_EQ(drained.packets.size(), 18u) << piece;
    std::vector<std::optional<std::uint64_t>> places;
    for (const SourceNotice& notice : drained.notices) places.push_back(notice.byteOffset);
    EXPECT_EQ(places, (std::vector<std::optional<std::uint64_t>>{offsets[3], border, offsets[12]}))
        << piece;
  }
}

TEST_P(DamagedMembers, AreToldOfInTheirPlacesWhereMuchIsDecompressedAhead) {
  std::vector<Packet> packets;
  for (std::uint32_t i = 0; i < 300; ++i) {
    packets.push_back({.timestampNs = i * 1000,
                       .bytes = vsockRecord(i, 10'000),
                       .wireLength = 10'076,
                       .number = i + 1});
  }
  const Bytes file = pcapFile(packets);
  const Bytes small = pcapFile({});
  const Bytes all = joined({GetParam().withWrongChecksum(file), GetParam().withBadBlock(small),
                            GetParam().compress(file)});
  const auto drained = drainBytes(all);
  ASSERT_EQ(drained.packets.size(), 600u);
  EXPECT_EQ(drained.state, SourceState::Damaged);
  std::vector<std::optional<std::uint64_t>> places;
  for (const SourceNotice& notice : drained.notices) places.push_back(notice.byteOffset);
  EXPECT_EQ(places,
            (std::vector<std::optional<std::uint64_t>>{
                file.size(), file.size(), file.size() + small.size(), file.size() + small.size()}));
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
