// SPDX-License-Identifier: GPL-2.0-or-later
// Files cut at every byte, read in pieces of every size, and damaged in the middle.
#include "tests/capture/file/damage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <random>
#include <set>
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

/// Numbers at random, from `low` up to but not `high`.
using Draw = std::function<std::size_t(std::size_t low, std::size_t high)>;

/// Loses, repeats, zeroes or overwrites a stretch of `file` behind `headers` bytes, with bytes that
/// are all the same, any, or such as lengths and times are made of; or loses a few whole words, so
/// that what follows stays aligned; or makes one byte a little larger or smaller.
Damage damageSomewhere(std::vector<std::byte>& file, std::size_t headers, const Draw& draw) {
  const std::size_t length = draw(1, draw(0, 2) == 0 ? 40 : 400);
  const std::size_t begin = draw(headers, file.size() - length);
  const auto first = file.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = first + static_cast<std::ptrdiff_t>(length);
  const auto overwrite = [&](const auto& byte) {
    std::generate(first, last, [&] { return static_cast<std::byte>(byte()); });
    return Damage{begin, begin + length};
  };
  switch (draw(0, 8)) {
    case 0:
      file.erase(first, last);
      return {begin, begin + length, true};
    case 1:
      return overwrite([] { return 0x00; });
    case 2:
      return overwrite([] { return 0xff; });
    case 3:
      return overwrite([&] { return draw(0, 256); });
    case 4:
      return overwrite([&] { return draw(0, 4) == 0 ? draw(0, 64) : 0; });
    case 5:
      *first = static_cast<std::byte>(std::to_integer<std::size_t>(*first) + 252 + draw(0, 9));
      return {begin, begin + 1};
    case 6: {
      const std::size_t words =
          std::min(4 * draw(1, 31), static_cast<std::size_t>(file.end() - first));
      file.erase(first, first + static_cast<std::ptrdiff_t>(words));
      return {begin, begin + words, true};
    }
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
  RC_ASSERT(onlyTheHitPacketsSuffer(packets, pcapRecordOffsets(packets), damage, drained));
}

RC_GTEST_PROP(PcapngDamagedInTheMiddle, LosesOnlyThePacketsThatAreHit, ()) {
  const auto packets = *rc::gen::arbitrary<bool>() ? somePackets(40) : equallyLongPackets(40);
  const bool bigEndian = *rc::gen::arbitrary<bool>();
  auto file = pcapngFile(packets, bigEndian);
  const Damage damage = damageSomewhere(file, pcapngBlockOffsets(packets)[0], drawn);
  const auto drained = drainBytes(file, drawn(1, 3000));
  RC_ASSERT(onlyTheHitPacketsSuffer(packets, pcapngBlockOffsets(packets), damage, drained));
}

/// The file and the offsets of its records.
struct Layout {
  std::function<std::vector<std::byte>(bool bigEndian)> make;
  std::vector<std::size_t> offsets;
};

TEST(EachByteOfAPacket, HurtsThatPacketAloneAndAlikeHoweverMuchComesAtOnce) {
  std::vector<Packet> packets = somePackets(6);
  // Without payload, as most are, and with a little.
  for (std::size_t i = 1; i < packets.size(); ++i) {
    packets[i].bytes = vsockRecord(1, i % 2 == 0 ? 0 : i);
    packets[i].wireLength = static_cast<std::uint32_t>(packets[i].bytes.size());
  }
  const Layout layouts[] = {
      {.make = [&](bool bigEndian) { return pcapFile(packets, {.bigEndian = bigEndian}); },
       .offsets = pcapRecordOffsets(packets)},
      {.make = [&](bool bigEndian) { return pcapngFile(packets, bigEndian); },
       .offsets = pcapngBlockOffsets(packets)},
  };
  constexpr unsigned kValues[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  for (const Layout& layout : layouts) {
    for (const bool bigEndian : {false, true}) {
      const auto file = layout.make(bigEndian);
      for (std::size_t at = layout.offsets[2]; at < layout.offsets[4]; ++at) {
        std::set<unsigned> values(std::begin(kValues), std::end(kValues));
        for (unsigned change = 252; change <= 260; ++change) {
          values.insert((std::to_integer<unsigned>(file[at]) + change) % 256);
        }
        for (const unsigned value : values) {
          auto damaged = file;
          damaged[at] = static_cast<std::byte>(value);
          const Drained whole = drainBytes(damaged);
          const Drained inPieces = drainBytes(damaged, 90);
          SCOPED_TRACE(fmt::format("0x{:02x} at {}", value, at));
          ASSERT_TRUE(whole.packets == inPieces.packets);
          ASSERT_EQ(whole.messages(), inPieces.messages());
          ASSERT_TRUE(onlyTheHitPacketsSuffer(packets, layout.offsets, {at, at + 1}, whole));
        }
      }
    }
  }
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
                                     const std::function<std::vector<std::byte>(bool)>& make) {
    for (int i = 0; i < kTimes; ++i) {
      auto file = make(i % 2 == 1);
      const Damage damage = damageSomewhere(file, offsets[0], draw_);
      const Drained drained = drainBytes(file);
      ASSERT_TRUE(onlyTheHitPacketsSuffer(packets, offsets, damage, drained))
          << "damage " << i << " at " << damage.begin;
      const Drained inPieces = drainBytes(file, draw_(1, 400));
      ASSERT_TRUE(inPieces.packets == drained.packets) << "damage " << i;
      ASSERT_EQ(inPieces.messages(), drained.messages()) << "damage " << i;
    }
  }
  void expectOnlyTheHitPacketsSuffer(const std::vector<Packet>& packets,
                                     std::uint32_t snapshotLength = kDefaultSnapshotLength) {
    expectOnlyTheHitPacketsSuffer(packets, pcapRecordOffsets(packets), [&](bool bigEndian) {
      return pcapFile(packets, {.bigEndian = bigEndian, .snapshotLength = snapshotLength});
    });
  }

 private:
  std::mt19937 random_{1};
  Draw draw_ = [this](std::size_t low, std::size_t high) { return low + random_() % (high - low); };
};

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
  expectOnlyTheHitPacketsSuffer(packets, pcapngBlockOffsets(packets),
                                [&](bool bigEndian) { return pcapngFile(packets, bigEndian); });
}

TEST_F(DamagedManyTimes, PcapngOfEquallyLongPacketsLosesOnlyThoseThatAreHit) {
  for (const std::uint32_t length : {40U, 100U}) {
    const auto packets = cut(equallyLongPackets(40), length);
    expectOnlyTheHitPacketsSuffer(packets, pcapngBlockOffsets(packets),
                                  [&](bool bigEndian) { return pcapngFile(packets, bigEndian); });
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
