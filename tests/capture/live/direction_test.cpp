// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/direction.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "capture/filter/compiler.h"

namespace vsdump {
namespace {

constexpr std::uint64_t kHost = 2;
constexpr std::uint64_t kLoopback = 1;

/// Whether the program for the kernel lets a packet from one CID to another through.
bool passes(LocalDirection direction, std::uint64_t local, std::uint64_t source,
            std::uint64_t destination) {
  const auto filter = compile(directionFilter(direction, Cid{local}));
  EXPECT_TRUE(filter) << describe(filter.error());
  std::array<std::byte, 76> bytes{};
  std::memcpy(bytes.data(), &source, sizeof source);
  std::memcpy(bytes.data() + sizeof source, &destination, sizeof destination);
  return filter && filter->accepts(Frame{.bytes = bytes, .wireLengthBytes = bytes.size()});
}

void expectDirection(std::uint64_t local, std::uint64_t source, std::uint64_t destination, bool in,
                     bool out) {
  const auto which = testing::Message() << source << " > " << destination << " seen by " << local;
  EXPECT_EQ(passes(LocalDirection::In, local, source, destination), in) << which;
  EXPECT_EQ(passes(LocalDirection::Out, local, source, destination), out) << which;
}

TEST(DirectionFilter, OfAHostTellsPacketsOfGuestsFromThoseForThem) {
  expectDirection(kHost, 42, kHost, true, false);
  expectDirection(kHost, kHost, 42, false, true);
}

TEST(DirectionFilter, OfAGuestGoesByItsOwnCid) {
  expectDirection(42, kHost, 42, true, false);
  expectDirection(42, 42, kHost, false, true);
}

TEST(DirectionFilter, OfAGuestThatIsAHostTooKnowsItsGuests) {
  expectDirection(42, 7, kHost, true, false);
  expectDirection(42, kHost, 7, false, true);
}

TEST(DirectionFilter, LeavesLoopbackOut) {
  for (const std::uint64_t local : {kHost, std::uint64_t{42}}) {
    expectDirection(local, kLoopback, kLoopback, false, false);
    expectDirection(local, kLoopback, local, false, false);
    expectDirection(local, local, kLoopback, false, false);
  }
}

TEST(DirectionFilter, LooksAtAll64BitsOfACid) {
  constexpr std::uint64_t kBeyond = std::uint64_t{1} << 32;
  EXPECT_TRUE(passes(LocalDirection::In, kHost, kBeyond + kHost, kHost));
  EXPECT_FALSE(passes(LocalDirection::Out, kHost, kBeyond + kHost, 42));
}

}  // namespace
}  // namespace vsdump
