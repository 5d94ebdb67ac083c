// SPDX-License-Identifier: GPL-2.0-or-later
// Files cut at every byte, read in pieces of every size, and damaged in the middle.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

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

TEST(PcapngCutAtEveryByte, DeliversAllPacketsBeforeTheCut) {
  const auto packets = somePackets(12);
  for (const bool bigEndian : {false, true}) {
    const auto file = pcapngFile(packets, bigEndian);
    const auto offsets = pcapngBlockOffsets(packets);
    for (std::size_t size = offsets[0]; size <= file.size(); ++size) {
      SCOPED_TRACE(size);
      const auto drained =
          drainBytes({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)});
      ASSERT_EQ(drained.error, "");
      std::size_t whole = 0;
      while (whole + 1 < offsets.size() && offsets[whole + 1] <= size) ++whole;
      ASSERT_EQ(drained.packets,
                (std::vector<Packet>{packets.begin(),
                                     packets.begin() + static_cast<std::ptrdiff_t>(whole)}));
      EXPECT_EQ(drained.notices.size(), offsets[whole] == size ? 0u : 1u);
    }
  }
}

/// A stretch of a file that something happened to.
struct Damage {
  std::size_t begin;  ///< in the whole file
  std::size_t end;    ///< the same as begin where bytes were inserted
};

bool isSame(const Packet& one, const Packet& other) {
  return one.timestampNs == other.timestampNs && one.bytes == other.bytes &&
         one.wireLength == other.wireLength;
}

/// Packets that the damage does not touch must all be there, in order and unchanged; and nothing
/// may be there that was not in the file, but for the packets that are hit where it does not show.
bool onlyTheHitPacketsSuffer(const std::vector<Packet>& packets,
                             const std::vector<std::size_t>& offsets, const Damage& damage,
                             const Drained& drained, bool mayTakeTheNext) {
  // Where just as many bytes are missing as a packet has, nothing shows that they are.
  if (drained.error.empty() && drained.state == SourceState::End) return true;
  std::size_t found = 0;
  std::size_t strange = 0;
  auto next = packets.begin();
  for (const Packet& packet : drained.packets) {
    const auto original = std::find_if(
        next, packets.end(), [&](const Packet& candidate) { return isSame(packet, candidate); });
    if (original == packets.end()) {
      ++strange;
    } else {
      ++found;
      next = original + 1;
    }
  }
  constexpr std::size_t kEdge = 16;  // a header with bytes missing is not told from its neighbours
  std::size_t hit = 0;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    hit += offsets[i] <= damage.end + kEdge && damage.begin <= offsets[i + 1] + kEdge ? 1 : 0;
  }
  // One that is hit behind its headers, and whose length is found again in the next one by chance,
  // takes that along.
  const std::size_t taken = mayTakeTheNext ? strange : 0;
  return drained.error.empty() && found + hit + taken >= packets.size() && strange <= hit;
}

/// Numbers at random, from `low` up to but not `high`.
using Draw = std::function<std::size_t(std::size_t low, std::size_t high)>;

/// Loses, repeats, zeroes or overwrites a stretch of `file` behind `headers` bytes, with bytes that
/// are all the same, any, or such as lengths and times are made of.
Damage damageSomewhere(std::vector<std::byte>& file, std::size_t headers, const Draw& draw) {
  const std::size_t length = draw(1, draw(0, 2) == 0 ? 40 : 400);
  const std::size_t begin = draw(headers, file.size() - length);
  const auto first = file.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = first + static_cast<std::ptrdiff_t>(length);
  const auto overwrite = [&](const auto& byte) {
    std::generate(first, last, [&] { return static_cast<std::byte>(byte()); });
    return Damage{begin, begin + length};
  };
  switch (draw(0, 6)) {
    case 0:
      file.erase(first, last);
      return {begin, begin + length};
    case 1:
      return overwrite([] { return 0x00; });
    case 2:
      return overwrite([] { return 0xff; });
    case 3:
      return overwrite([&] { return draw(0, 256); });
    case 4:
      return overwrite([&] { return draw(0, 4) == 0 ? draw(0, 64) : 0; });
    default: {
      const std::vector<std::byte> zeros(length);
      file.insert(first, zeros.begin(), zeros.end());
      return {begin, begin};
    }
  }
}

/// What a property draws, which is made small where it fails.
std::size_t drawn(std::size_t low, std::size_t high) {
  return *rc::gen::inRange(low, high);
}

RC_GTEST_PROP(PcapDamagedInTheMiddle, LosesOnlyThePacketsThatAreHit, ()) {
  const auto packets = somePackets(40);
  const bool bigEndian = *rc::gen::arbitrary<bool>();
  auto file = pcapFile(packets, {.bigEndian = bigEndian});
  const Damage damage = damageSomewhere(file, 24, drawn);
  const auto drained = drainBytes(file, drawn(1, 3000));
  RC_ASSERT(onlyTheHitPacketsSuffer(packets, pcapRecordOffsets(packets), damage, drained, false));
}

#if defined(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION) || defined(__SANITIZE_THREAD__)
constexpr int kTimes = 200;  // with sanitizers each takes much longer
#else
constexpr int kTimes = 8000;
#endif

/// Damages at random, as many as show what goes wrong once in ten thousand times.
class DamagedManyTimes : public testing::Test {
 protected:
  /// Of a file that `make` makes in either byte order, with its packets or blocks at `offsets`.
  void expectOnlyTheHitPacketsSuffer(const std::vector<Packet>& packets,
                                     const std::vector<std::size_t>& offsets,
                                     const std::function<std::vector<std::byte>(bool)>& make,
                                     bool mayTakeTheNext) {
    for (int i = 0; i < kTimes; ++i) {
      auto file = make(i % 2 == 1);
      const Damage damage = damageSomewhere(file, offsets[0], draw_);
      const Drained drained = drainBytes(file);
      ASSERT_TRUE(onlyTheHitPacketsSuffer(packets, offsets, damage, drained, mayTakeTheNext))
          << "damage " << i << " at " << damage.begin;
      const Drained inPieces = drainBytes(file, draw_(1, 400));
      ASSERT_TRUE(inPieces.packets == drained.packets) << "damage " << i;
      ASSERT_EQ(inPieces.messages(), drained.messages()) << "damage " << i;
    }
  }
  void expectOnlyTheHitPacketsSuffer(const std::vector<Packet>& packets,
                                     std::uint32_t snapshotLength = kDefaultSnapshotLength) {
    expectOnlyTheHitPacketsSuffer(
        packets, pcapRecordOffsets(packets),
        [&](bool bigEndian) {
          return pcapFile(packets, {.bigEndian = bigEndian, .snapshotLength = snapshotLength});
        },
        false);
  }

 private:
  std::mt19937 random_{1};
  Draw draw_ = [this](std::size_t low, std::size_t high) { return low + random_() % (high - low); };
};

/// Whose packets are cut.
std::vector<Packet> cut(std::vector<Packet> packets, std::uint32_t snapshotLength) {
  for (Packet& packet : packets) {
    packet.bytes.resize(std::min<std::size_t>(packet.bytes.size(), snapshotLength));
  }
  return packets;
}

/// Whose clock was set ahead by a year.
std::vector<Packet> later(std::vector<Packet> packets, std::size_t from) {
  for (std::size_t i = from; i < packets.size(); ++i) {
    packets[i].timestampNs += 365LL * 24 * 60 * 60 * 1'000'000'000;
  }
  return packets;
}

TEST_F(DamagedManyTimes, PcapLosesOnlyThePacketsThatAreHit) {
  expectOnlyTheHitPacketsSuffer(somePackets(40));
}

TEST_F(DamagedManyTimes, PcapOfCutPacketsLosesOnlyThoseThatAreHit) {
  for (const std::uint32_t length : {40U, 96U}) {
    expectOnlyTheHitPacketsSuffer(cut(somePackets(40), length), length);
  }
}

TEST_F(DamagedManyTimes, PcapWhoseClockWasSetLosesOnlyThePacketsThatAreHit) {
  expectOnlyTheHitPacketsSuffer(later(somePackets(40), 20));
}

TEST_F(DamagedManyTimes, PcapngLosesOnlyThePacketsThatAreHit) {
  const auto packets = somePackets(40);
  expectOnlyTheHitPacketsSuffer(
      packets, pcapngBlockOffsets(packets),
      [&](bool bigEndian) { return pcapngFile(packets, bigEndian); }, true);
}

TEST(PcapWhoseClockWasSet, IsReadOnWhereItsPacketsAreCutAndOneIsDamaged) {
  const auto packets = later(cut(somePackets(40), 40), 20);
  // Before the clock is set, where it is, and later.
  for (const std::size_t hit : {10U, 19U, 20U, 21U, 30U}) {
    auto file = pcapFile(packets, {.snapshotLength = 40});
    std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[hit]), 20,
                std::byte{0xff});
    EXPECT_EQ(drainBytes(file).packets.size(), packets.size() - 1) << hit;
  }
}

TEST(PcapPacketWhoseLengthAndTimeAreHit, GetsBackTheLengthThatItMustHave) {
  // Of the snapshot length, or of its own.
  for (const std::uint32_t snapshotLength : {96U, 262'144U}) {
    const auto packets = cut(somePackets(40), snapshotLength);
    auto file = pcapFile(packets, {.snapshotLength = snapshotLength});
    const auto offset = static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[23]);
    std::fill_n(file.begin() + offset, 12, std::byte{});
    file[static_cast<std::size_t>(offset) + 8] = std::byte{32};
    const auto drained = drainBytes(file);
    ASSERT_EQ(drained.packets.size(), packets.size());
    EXPECT_EQ(drained.packets[23].bytes, packets[23].bytes);
    EXPECT_EQ(
        drained.messages(),
        std::vector{"packet 24 claims 32 captured bytes, which is wrong: it has " +
                    std::to_string(packets[23].bytes.size()) + " @" + std::to_string(offset)});
  }
}

TEST(PcapPacketThatClaimsTheNextOneToo, GetsBackTheLengthThatItMustHave) {
  const auto packets = somePackets(40);
  const auto offsets = pcapRecordOffsets(packets);
  auto file = pcapFile(packets);
  const std::size_t both = offsets[25] - offsets[23] - 16;
  for (std::size_t k = 0; k < 4; ++k) {
    file[offsets[23] + 8 + k] = static_cast<std::byte>(both >> 8 * k);
  }
  for (const std::size_t piece : {std::size_t{1}, file.size()}) {
    const auto drained = drainBytes(file, piece);
    EXPECT_EQ(drained.packets, packets);
    EXPECT_EQ(drained.messages(), std::vector{"packet 24 claims " + std::to_string(both) +
                                              " captured bytes, which is wrong: it has " +
                                              std::to_string(packets[23].bytes.size()) + " @" +
                                              std::to_string(offsets[23])});
  }
}

TEST(PcapPacketWhoseLengthAndTimeAreHit, IsNotFollowedByBytesWithSmallNumbers) {
  // Its time is that of 1970 and its length leads to where the next one has its length on the wire
  // and CIDs, which could be a time of 1970, too.
  const auto packets = cut(somePackets(40), 40);
  auto file = pcapFile(packets, {.snapshotLength = 40});
  const auto offset = static_cast<std::ptrdiff_t>(pcapRecordOffsets(packets)[7]);
  std::fill_n(file.begin() + offset - 18, 28, std::byte{});
  file[static_cast<std::size_t>(offset) + 8] = std::byte{52};
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), packets.size() - 1);
  EXPECT_TRUE(isSame(drained.packets.at(7), packets[8]));
}

TEST(PcapPacketThatSwallowsTheLast, IsDroppedAndNotTheLast) {
  const auto packets = somePackets(40);
  auto file = pcapFile(packets);
  const auto offsets = pcapRecordOffsets(packets);
  // The rest of packet 37, packet 38 and the begin of packet 39: packet 37 then has all but 12
  // bytes of the file.
  const std::size_t whole = offsets[40] - offsets[36];
  const std::size_t left = offsets[37] - offsets[36] + 12;
  const auto begin = file.begin() + static_cast<std::ptrdiff_t>(offsets[36] + 24);
  file.erase(begin, begin + static_cast<std::ptrdiff_t>(whole - left));
  const auto drained = drainBytes(file);
  ASSERT_FALSE(drained.packets.empty());
  EXPECT_TRUE(isSame(drained.packets.back(), packets.back()));
}

/// A record that claims `captured` bytes, of which it has those of `content`.
ByteWriter& record(ByteWriter& out, std::size_t captured, const std::vector<std::byte>& content) {
  constexpr std::uint64_t kSeconds = 1'700'000'000;
  return out.u32(kSeconds).u32(0).u32(captured).u32(captured).bytes(content);
}

TEST(PcapPacketBeforeADamage, IsJudgedAlikeHoweverMuchComesAtOnce) {
  // It has a record in it that leads on to others, further away than a packet can reach; and it is
  // at the front of the first long read.
  constexpr std::size_t kStep = 80'000;
  constexpr std::size_t kShortReads = std::size_t{448} * 1024;
  auto inside = vsockRecord(1, 0);
  inside.resize(32);
  inside[26] = inside[28] = std::byte{};  // no transport's header
  ByteWriter file(false);
  file.bytes(pcapFile({}));
  while (file.out.size() < kShortReads) record(file, 1076, vsockRecord(1, 1000));
  ByteWriter payload(false);
  record(payload, kStep - 16, inside);
  auto content = vsockRecord(1, payload.out.size());
  std::ranges::copy_backward(payload.out, content.end());
  record(file, content.size(), content);
  const std::size_t first = file.out.size() - payload.out.size();
  for (std::size_t i = 1; i < 8; ++i) {
    file.bytes(std::vector<std::byte>(first + i * kStep - file.out.size(), std::byte{0xff}));
    record(file, kStep - 16, {});
  }
  const auto drained = drainBytes(file.out);
  const auto inPieces = drainBytes(file.out, 1000);
  EXPECT_EQ(drained.packets.size(), inPieces.packets.size());
  EXPECT_EQ(drained.messages(), inPieces.messages());
  ASSERT_FALSE(drained.notices.empty());
  EXPECT_NE(drained.notices[0].message.find("another begins inside of it"), std::string::npos);
}

RC_GTEST_PROP(PcapngDamagedInTheMiddle, LosesOnlyThePacketsThatAreHit, ()) {
  const auto packets = somePackets(40);
  const bool bigEndian = *rc::gen::arbitrary<bool>();
  auto file = pcapngFile(packets, bigEndian);
  const Damage damage = damageSomewhere(file, pcapngBlockOffsets(packets)[0], drawn);
  const auto drained = drainBytes(file, drawn(1, 3000));
  RC_ASSERT(onlyTheHitPacketsSuffer(packets, pcapngBlockOffsets(packets), damage, drained, true));
}

TEST(PcapngShiftedByALoss, IsNotReadByLengthsThatAgreeByChance) {
  const auto packets = somePackets(40);
  auto file = pcapngFile(packets, true);
  const auto offset = static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[3]);
  // What is at the front then has the type 0, and twice the length 512.
  file.erase(file.begin() + offset, file.begin() + offset + 30);
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), packets.size() - 1);
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(PcapngPacketThatLostItsHeaders, IsNotReadUpToWhereTheNextOneHasItsLengthByChance) {
  const auto packets = somePackets(40);
  auto file = pcapngFile(packets, true);
  const auto offset = static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[8]);
  // Its block is 256 bytes long, which then end in the next packet's field for the CID and
  // operation.
  file.erase(file.begin() + offset + 24, file.begin() + offset + 24 + 90);
  for (const std::size_t piece : {std::size_t{1}, file.size()}) {
    const auto drained = drainBytes(file, piece);
    EXPECT_EQ(drained.packets.size(), packets.size() - 1) << piece;
    EXPECT_EQ(drained.packets[8].timestampNs, packets[9].timestampNs) << piece;
    EXPECT_EQ(drained.state, SourceState::Damaged);
  }
}

TEST(PcapngPacketWhoseOptionsOverrun, IsReadWhereAnotherBlockFollows) {
  const auto packets = somePackets(10);
  const auto offset = static_cast<std::ptrdiff_t>(pcapngBlockOffsets(packets)[3]);
  const auto word = [](std::uint8_t low) { return std::array<std::uint8_t, 4>{low, 0, 0, 0}; };
  std::vector<std::byte> odd;
  // Type, length, interface, time, lengths of the packet, 17 bytes and 3 to fill up, a comment of
  // 200 bytes.
  for (const auto& four :
       {word(6), word(56), word(0), word(0), word(0), word(17), word(17), word(1), word(2), word(3),
        word(4), word(5), std::array<std::uint8_t, 4>{1, 0, 200, 0}, word(56)}) {
    for (const std::uint8_t byte : four) odd.push_back(std::byte{byte});
  }
  auto file = pcapngFile(packets);
  file.insert(file.begin() + offset, odd.begin(), odd.end());
  const auto whole = drainBytes(file);
  EXPECT_EQ(whole.packets.size(), packets.size() + 1);
  EXPECT_EQ(whole.messages(),
            std::vector{"the options of a block reach beyond it, and some are left out @" +
                        std::to_string(offset)});
  EXPECT_EQ(whole.state, SourceState::Damaged);

  const std::vector<std::byte> junk(7, std::byte{0xff});
  file.insert(file.begin() + offset + static_cast<std::ptrdiff_t>(odd.size()), junk.begin(),
              junk.end());
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::Damaged);
}

TEST(PcapngPacketWhoseBlockHasAnotherType, IsReadByItsBody) {
  const auto packets = somePackets(10);
  for (const bool bigEndian : {false, true}) {
    const auto offset = pcapngBlockOffsets(packets)[3];
    // Those of an interface, a packet without a time, statistics, and ones that nobody knows.
    for (const unsigned type : {0U, 1U, 3U, 4U, 5U, 7U, 0x86U}) {
      auto file = pcapngFile(packets, bigEndian);
      file[offset + (bigEndian ? 3 : 0)] = static_cast<std::byte>(type);
      const auto drained = drainBytes(file);
      EXPECT_EQ(drained.packets, packets) << type;
      ASSERT_EQ(drained.messages().size(), 1U) << type;
      EXPECT_NE(
          drained.messages()[0].find(", which is wrong: it has 0x6 @" + std::to_string(offset)),
          std::string::npos);
      EXPECT_EQ(drained.state, SourceState::Damaged);
    }
  }
}

TEST(PcapngPacketThatClaimsLessThanItsHeaders, GetsBackTheLengthThatItMustHave) {
  const auto packets = somePackets(10);
  const auto offset = pcapngBlockOffsets(packets)[2];
  for (const unsigned captured : {0U, 1U, 40U}) {
    auto file = pcapngFile(packets);
    file[offset + 20] = static_cast<std::byte>(captured);
    file[offset + 21] = std::byte{};
    const auto drained = drainBytes(file);
    EXPECT_EQ(drained.packets, packets) << captured;
    EXPECT_EQ(drained.messages(),
              std::vector{"packet 3 claims " + std::to_string(captured) +
                          " captured bytes, which is wrong: it has " +
                          std::to_string(packets[2].bytes.size()) + " @" + std::to_string(offset)});
  }
}

TEST(DamagedPlaces, BeyondTheFirstTenAreToldAsASum) {
  const auto packets = somePackets(100);
  const auto offsets = pcapRecordOffsets(packets);
  auto file = pcapFile(packets);
  for (std::size_t i = 2; i < packets.size(); i += 4) {
    for (std::size_t k = 0; k < 16; ++k) file[offsets[i] + k] = std::byte{0xff};
  }
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), 75u);
  ASSERT_EQ(drained.notices.size(), 11u);
  EXPECT_NE(drained.notices.back().message.find("15 more places are damaged; "), std::string::npos);
}

TEST(JoinedPcapFiles, AreReadAsOne) {
  const auto packets = somePackets(20);
  auto file = pcapFile(packets);
  const auto second = pcapFile(packets, {.magic = 0xa1b23c4d, .bigEndian = true});
  file.insert(file.end(), second.begin(), second.end());
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets.size(), 40u);
  EXPECT_EQ(drained.state, SourceState::End);
  EXPECT_TRUE(isSame(drained.packets.at(25), packets[5]));
  ASSERT_EQ(drained.notices.size(), 1u);
  EXPECT_EQ(drained.notices[0].severity, SourceNotice::Severity::Note);
}

}  // namespace
}  // namespace vsdump::test
