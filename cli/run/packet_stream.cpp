// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_stream.h"

#include "dissector/wire/packet.h"

namespace vsdump {

namespace {

/// More text than this is written before the turn has made all of it: it takes memory.
constexpr std::size_t kMostText = std::size_t{8} * 1024 * 1024;

}  // namespace

PacketStream::PacketStream(const Options& options, Output& output)
    : output_(output),
      printEvery_(options.printEvery),
      writesEveryPacket_(options.packetBuffered && !options.writeFile) {
  for (Seat& seat : seats_) seat.formatter = makePacketFormatter(options);
}

void PacketStream::take(std::size_t seat, std::span<const Frame> frames) {
  seats_[seat].frames = frames;
  count(seats_[seat], frames, [](const Frame& frame) { return frame.timestampNs; });
}

std::vector<TrackedPacket>& PacketStream::tracked(std::size_t seat) {
  return seats_[seat].tracked;
}

std::size_t PacketStream::takeTracked(std::size_t seat) {
  const std::vector<TrackedPacket>& packets = seats_[seat].tracked;
  count(seats_[seat], packets,
        [](const TrackedPacket& packet) { return packet.frame->timestampNs; });
  return packets.size();
}

/// Counts the packets, and which of them are printed when, for the turns to come.
template <typename Packets, typename TimeOf>
void PacketStream::count(Seat& seat, const Packets& packets, const TimeOf& timeOf) {
  seat.before = count_;
  seat.printedBefore = printed_;
  const std::uint64_t first = printEvery_ - 1 - count_ % printEvery_;
  count_ += packets.size();
  if (first >= packets.size()) return;
  const std::uint64_t last = packets.size() - 1 - count_ % printEvery_;
  const std::int64_t firstNs = printed_ ? printed_->firstNs : timeOf(packets[first]);
  printed_ = Times{.firstNs = firstNs, .previousNs = timeOf(packets[last])};
}

/// Makes the text. Calls `each` after each packet that is printed, and ends when that fails.
template <typename Each>
Result<void> PacketStream::format(Seat& seat, LineBuffer& out, const Each& each) const {
  PacketFormatter& formatter = *seat.formatter;
  if (seat.printedBefore) {
    formatter.goOnBehind(seat.printedBefore->firstNs, seat.printedBefore->previousNs);
  }
  std::uint64_t number = seat.before;
  const auto isNext = [&] {
    return printEvery_ == 1 ? ++number != 0 : ++number % printEvery_ == 0;
  };
  const auto printed = [&] { return printEvery_ == 1 ? number : number / printEvery_; };
  for (const Frame& frame : seat.frames) {
    if (!isNext()) continue;
    formatter.append(out, frame, dissect(frame), printed(), nullptr);
    if (Result<void> done = each(); !done) return done;
  }
  constexpr std::size_t kAhead = 8;  // as PacketTracking has it
  const std::span<const TrackedPacket> all = seat.tracked;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i + kAhead < all.size()) formatter.expect(all[i + kAhead].context);
    const TrackedPacket& tracked = all[i];
    if (!isNext()) continue;
    formatter.append(out, *tracked.frame, tracked.packet, printed(), &tracked.context);
    if (Result<void> done = each(); !done) return done;
  }
  return {};
}

Result<void> PacketStream::print(const Relay::Turn& turn) {
  Seat& seat = seats_[turn.seat()];
  const bool isEmpty = seat.frames.empty() && seat.tracked.empty();
  Result<void> written;
  if (writesEveryPacket_) {
    turn.awaitEnd();
    written = format(seat, output_.buffer(), [&] { return output_.flush(); });
  } else if (!isEmpty) {
    written = format(seat, seat.text, [&]() -> Result<void> {
      if (seat.text.size() < kMostText) return {};
      turn.awaitEnd();
      return output_.take(seat.text);
    });
    turn.awaitEnd();
    if (written) written = output_.take(seat.text);
  }
  seat.frames = {};
  seat.tracked.clear();
  return written;
}

}  // namespace vsdump
