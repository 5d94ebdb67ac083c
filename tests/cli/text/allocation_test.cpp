// SPDX-License-Identifier: GPL-2.0-or-later
// Counts what operator new is asked for while packets are printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <random>
#include <vector>

#include "cli/json/packet_json.h"
#include "cli/text/packet_line.h"
#include "tests/support/record_builder.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

void* allocate(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace vsdump {
namespace {

using support::RecordBuilder;

/// Packets of every op and type, whole and cut short, each a second and a bit after the other.
class OddFrames {
 public:
  OddFrames() {
    std::mt19937 dice(1);
    for (std::uint16_t op = 0; op < 14; ++op) {
      for (std::uint16_t type = 0; type < 5; ++type) {
        RecordBuilder record = RecordBuilder::of(VirtioOp{op}, 20);
        record.virtio.type = VirtioType{type};
        record.virtio.flags = static_cast<std::uint32_t>(dice());
        std::vector<std::byte> bytes = record.bytes("payload \033[31m and so on");
        bytes.resize(std::min<std::size_t>(bytes.size(), 20 + dice() % 90));
        records_.push_back(std::move(bytes));
      }
    }
    std::int64_t time = 1'500'000'000'261'679'123;
    for (const auto& bytes : records_) {
      Frame frame = support::frameOf(bytes);
      frame.timestampNs = time += 1'000'000'123;
      frames_.push_back(frame);
    }
  }
  const std::vector<Frame>& frames() const { return frames_; }

 private:
  std::vector<std::vector<std::byte>> records_;
  std::vector<Frame> frames_;
};

std::vector<TextStyle> everyStyle() {
  std::vector<TextStyle> styles;
  for (const bool quiet : {false, true}) {
    for (int verbosity = 0; verbosity < 4; ++verbosity) {
      for (int time = 0; time <= static_cast<int>(TimestampStyle::SinceFirst); ++time) {
        for (int dump = 0; dump <= static_cast<int>(HexDump::AsciiWithLink); ++dump) {
          styles.push_back({.quiet = quiet,
                            .verbosity = verbosity,
                            .numbers = true,
                            .recordLengths = true,
                            .color = !quiet,
                            .nanoseconds = dump % 2 == 1,
                            .timestamps = TimestampStyle{time},
                            .hexDump = HexDump{dump}});
        }
      }
    }
  }
  return styles;
}

/// All that a line can have.
PacketContext crowdedContext() {
  static const PacketNews news{.findings = 0xFFFF,
                               .answerNs = 7'000'000'000'000,
                               .answersRequest = true,
                               .listed = 4,
                               .unlisted = 100};
  PacketContext context;
  context.seen.connection = ConnectionId{4'000'000'000};
  context.seen.beginsConnection = true;
  context.seen.credit = 0;
  context.seen.window = 262144;
  context.service = {.name = "firecracker-containerd", .isGuess = true};
  context.news = &news;
  return context;
}

TEST(TextAllocation, CountsAllocations) {
  const std::uint64_t before = allocations;
  const std::vector<int> memory(1000);
  EXPECT_EQ(allocations, before + 1);
}

constexpr std::size_t kEnough =
    std::size_t{64} * 1024;  // for any packet: the buffer keeps its memory

TEST(TextAllocation, NoStyleAllocatesPerPacket) {
  const OddFrames odd;
  const PacketContext context = crowdedContext();
  PacketContext later = context;
  later.seen.beginsConnection = false;
  LineBuffer out;
  out.room(kEnough);
  for (const TextStyle& style : everyStyle()) {
    PacketPrinter printer(style);
    // The time zone is looked up with the first packet.
    printer.print(out, odd.frames().front(), dissect(odd.frames().front()), 1, &later);
    const std::uint64_t before = allocations;
    for (const Frame& frame : odd.frames()) {
      out.clear();
      printer.print(out, frame, dissect(frame), 2);
      printer.print(out, frame, dissect(frame), 2, &context);
      printer.print(out, frame, dissect(frame), 2, &later);
    }
    EXPECT_EQ(allocations, before);
  }
}

TEST(TextAllocation, JsonAllocatesNothingPerPacket) {
  const OddFrames odd;
  const PacketContext context = crowdedContext();
  LineBuffer out;
  out.room(kEnough);
  const std::uint64_t before = allocations;
  for (const Frame& frame : odd.frames()) {
    out.clear();
    putPacketJson(out, frame, dissect(frame));
    putPacketJson(out, frame, dissect(frame), &context);
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace vsdump
