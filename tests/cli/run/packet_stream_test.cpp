// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "capture/file/descriptor.h"
#include "tests/support/record_builder.h"

namespace vsdump {
namespace {

using support::RecordBuilder;

constexpr std::size_t kPackets = 20'000;

/// Packets that differ, each a while after the other.
struct Packets {
  Packets() {
    for (std::uint32_t i = 0; i < kPackets; ++i) {
      RecordBuilder record = RecordBuilder::of(VirtioOp::Rw, i % 200);
      record.virtio.fwdCnt = i;
      records.push_back(record.bytes());
    }
    for (std::uint32_t i = 0; i < kPackets; ++i) {
      frames.push_back({.bytes = records[i],
                        .timestampNs = std::int64_t{i} * i * 1017,
                        .number = FrameNumber{i + 1},
                        .wireLengthBytes = static_cast<std::uint32_t>(records[i].size())});
    }
  }
  std::vector<std::vector<std::byte>> records;
  std::vector<Frame> frames;
};

/// Prints packets that come in batches of `batchSize`.
Result<void> print(const Packets& packets, std::size_t batchSize, PacketStream& stream) {
  std::span<const Frame> rest = packets.frames;
  Relay relay;
  return relay.run(
      [&](std::size_t seat) -> Result<bool> {
        const auto batch = rest.first(std::min(batchSize, rest.size()));
        rest = rest.subspan(batch.size());
        stream.take(seat, batch);
        return !rest.empty();
      },
      [&](Relay::Turn& turn) -> Result<bool> {
        if (Result<void> printed = stream.print(turn); !printed) {
          return tl::unexpected(printed.error());
        }
        return true;
      });
}

std::string textOf(const Packets& packets, const Options& options, std::size_t batchSize) {
  const Descriptor file(::memfd_create("text", MFD_CLOEXEC));
  Output output(file.get(), "a file");
  PacketStream stream(options, output);
  EXPECT_TRUE(print(packets, batchSize, stream));
  EXPECT_TRUE(output.flush());
  std::string text(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  EXPECT_EQ(::pread(file.get(), text.data(), text.size(), 0), ssize_t(text.size()));
  return text;
}

/// The same text whether it is made at once or by two threads in turn.
void expectTheSame(const Options& options) {
  const Packets packets;
  const std::string alone = textOf(packets, options, kPackets);
  EXPECT_EQ(std::ranges::count(alone, '\n'), kPackets / options.printEvery);
  EXPECT_EQ(textOf(packets, options, 100), alone);
  EXPECT_EQ(textOf(packets, options, 5000), alone);
}

TEST(PacketStream, KeepsTheOrderOfPacketsThatTwoThreadsPrint) {
  Options options;
  options.quiet = true;
  options.numbers = true;
  expectTheSame(options);
}

TEST(PacketStream, ShowsRelativeTimesAcrossThreads) {
  for (const auto style : {TimestampStyle::SincePrevious, TimestampStyle::SinceFirst}) {
    Options options;
    options.timestamps = style;
    expectTheSame(options);
  }
}

TEST(PacketStream, PrintsEveryNthPacketAcrossThreads) {
  for (const auto style : {TimestampStyle::SincePrevious, TimestampStyle::SinceFirst}) {
    for (const std::uint64_t every : {7U, 300U}) {
      Options options;
      options.quiet = true;
      options.numbers = true;
      options.timestamps = style;
      options.printEvery = every;
      expectTheSame(options);
    }
  }
}

TEST(PacketStream, PrintsJsonAcrossThreads) {
  Options options;
  options.json = true;
  expectTheSame(options);
}

TEST(PacketStream, TellsOfAFullDevice) {
  const Packets packets;
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Output output(full.get(), "standard output");
  PacketStream stream({}, output);
  const Result<void> told = print(packets, 5000, stream);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().subject, "standard output");
}

}  // namespace
}  // namespace vsdump
