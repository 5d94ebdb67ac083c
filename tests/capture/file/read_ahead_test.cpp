// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/read_ahead.h"

#include <gtest/gtest.h>

#include "capture/file/open.h"
#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

/// A source over bytes that come in pieces of this size.
std::unique_ptr<PacketSource> sourceOf(std::vector<std::byte> bytes, std::size_t pieceSize) {
  auto opened = openCapture(std::make_unique<MemoryStream>(std::move(bytes), pieceSize), "x");
  EXPECT_TRUE(opened);
  return std::move(*opened);
}

/// What the second thread reads is what the first would have read.
void expectTheSame(const std::vector<std::byte>& bytes, std::size_t pieceSize) {
  auto plain = sourceOf(bytes, pieceSize);
  const Drained expected = drain(*plain);
  auto ahead = readAhead(sourceOf(bytes, pieceSize));
  const Drained got = drain(*ahead);
  EXPECT_EQ(got.error, expected.error);
  EXPECT_EQ(got.packets, expected.packets);
  EXPECT_EQ(got.messages(), expected.messages());
  EXPECT_EQ(got.comments.size(), expected.comments.size());
  EXPECT_EQ(got.interfaces.size(), expected.interfaces.size());
  EXPECT_EQ(got.state, expected.state);
  // The end is told again, as a source does.
  const auto again = ahead->read();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->state, expected.state);
}

constexpr std::size_t kPieceSizes[] = {1000, std::size_t{100} * 1000, std::size_t{1} << 20};

TEST(ReadAhead, HandsOutWhatTheSourceDoes) {
  for (const std::size_t size : kPieceSizes) {
    expectTheSame(pcapFile(somePackets(20'000)), size);
    expectTheSame(pcapngFile(somePackets(20'000)), size);
  }
}

TEST(ReadAhead, TellsOfDamageWhereTheSourceDoes) {
  auto bytes = pcapFile(somePackets(20'000));
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), 5000, std::byte{0});
  bytes.resize(bytes.size() - 7);
  for (const std::size_t size : kPieceSizes) expectTheSame(bytes, size);
}

TEST(ReadAhead, SaysThatNothingMoreIsThereYet) {
  auto opened =
      openCapture(std::make_unique<MemoryStream>(pcapFile(somePackets(2000)), std::size_t{1} << 20,
                                                 SourceState::Waiting),
                  "x");
  ASSERT_TRUE(opened);
  auto source = readAhead(std::move(*opened));
  const Drained drained = drain(*source);
  EXPECT_EQ(drained.packets.size(), 2000U);
  EXPECT_EQ(drained.state, SourceState::Waiting);
}

}  // namespace
}  // namespace vsdump::test
