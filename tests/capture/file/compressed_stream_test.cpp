// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_stream.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/capture/file/compressed_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

using Words = std::vector<std::string>;

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
