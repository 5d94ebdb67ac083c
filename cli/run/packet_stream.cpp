// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_stream.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "dissector/wire/packet.h"

namespace vsdump {

namespace {

/// More packets than these are not kept waiting for each other: their text takes memory.
constexpr std::size_t kMostStretches = 128;

/// Makes the text of a stretch. Calls `each` after each packet that is printed, and ends when that
/// says false.
template <typename Stretch, typename Each>
void format(PacketFormatter& formatter, std::uint64_t printEvery, const Stretch& stretch,
            LineBuffer& out, const Each& each) {
  if (stretch.printedBefore) {
    formatter.goOnBehind(stretch.printedBefore->firstNs, stretch.printedBefore->previousNs);
  }
  std::uint64_t number = stretch.before;
  const auto isNext = [&] { return printEvery == 1 ? ++number != 0 : ++number % printEvery == 0; };
  const auto printed = [&] { return printEvery == 1 ? number : number / printEvery; };
  for (const Frame& frame : stretch.frames) {
    if (!isNext()) continue;
    formatter.append(out, frame, dissect(frame), printed(), nullptr);
    if (!each()) return;
  }
  for (const TrackedPacket& tracked : stretch.tracked) {
    if (!isNext()) continue;
    formatter.append(out, tracked.frame, tracked.packet, printed(), &tracked.context);
    if (!each()) return;
  }
}

}  // namespace

PacketStream::PacketStream(const Options& options, Output& output)
    : output_(output),
      printEvery_(options.printEvery),
      writesEveryPacket_(options.packetBuffered && !options.writeFile),
      mayShare_(!writesEveryPacket_ && std::thread::hardware_concurrency() > 1),
      formatter_(makePacketFormatter(options)),
      companions_(makePacketFormatter(options)) {
  for (Work& work : works_) work.stretches.resize(kMostStretches);
}

Result<void> PacketStream::print(std::span<const Frame> frames) {
  while (!frames.empty()) {
    const Result<Stretch*> stretch = begin();
    if (!stretch) return tl::unexpected(stretch.error());
    (*stretch)->frames = frames.first(std::min(frames.size(), kStretch));
    frames = frames.subspan((*stretch)->frames.size());
    end(**stretch);
  }
  return {};
}

Result<void> PacketStream::print(std::vector<TrackedPacket>& packets) {
  if (packets.empty()) return {};
  const Result<Stretch*> stretch = begin();
  if (!stretch) return tl::unexpected(stretch.error());
  std::swap((*stretch)->tracked, packets);
  end(**stretch);
  return {};
}

Result<PacketStream::Stretch*> PacketStream::begin() {
  if (filled_->used == kMostStretches) {
    if (Result<void> ended = endBatch(); !ended) return tl::unexpected(ended.error());
  }
  Stretch& stretch = filled_->stretches[filled_->used];
  stretch.frames = {};
  stretch.tracked.clear();
  stretch.before = count_;
  stretch.printedBefore = printed_;
  return &stretch;
}

void PacketStream::end(const Stretch& stretch) {
  const std::size_t size = std::max(stretch.frames.size(), stretch.tracked.size());
  const auto timeOf = [&](std::uint64_t at) {
    return stretch.tracked.empty() ? stretch.frames[at].timestampNs
                                   : stretch.tracked[at].frame.timestampNs;
  };
  const std::uint64_t first = printEvery_ - 1 - count_ % printEvery_;
  count_ += size;
  if (first < size) {
    const std::uint64_t last = size - 1 - count_ % printEvery_;
    const std::int64_t firstNs = printed_ ? printed_->firstNs : timeOf(first);
    printed_ = Times{.firstNs = firstNs, .previousNs = timeOf(last)};
  }
  ++filled_->used;
}

Result<void> PacketStream::endBatch() {
  if (Result<void> finished = finishShared(); !finished) return finished;
  // A single stretch is sooner printed than handed over.
  if (filled_->used < 2 || !mayShare_ || !output_.companion().start()) return printHere();
  shared_ = std::exchange(filled_, filled_ == works_.data() ? works_.data() + 1 : works_.data());
  shared_->texts.resize(kMostStretches);
  shared_->tickets.reset(shared_->used);
  output_.companion().give([this, work = shared_] { take(*companions_, *work); });
  return {};
}

Result<void> PacketStream::finish() {
  Result<void> ended = endBatch();
  return ended ? finishShared() : ended;
}

/// Helps with what the companion works on, and hands the text over.
Result<void> PacketStream::finishShared() {
  Work* const work = std::exchange(shared_, nullptr);
  if (work == nullptr) return {};
  take(*formatter_, *work);
  output_.companion().wait();
  work->used = 0;
  return output_.handOver(work->texts);
}

/// Makes the text of the stretches that nobody has taken.
void PacketStream::take(PacketFormatter& formatter, Work& work) const {
  while (const std::optional<std::size_t> next = work.tickets.draw()) {
    format(formatter, printEvery_, work.stretches[*next], work.texts[*next], [] { return true; });
  }
}

/// Prints the batch in this thread.
Result<void> PacketStream::printHere() {
  Result<void> written;
  const std::size_t used = std::exchange(filled_->used, 0);
  for (std::size_t i = 0; i < used && written && !output_.closed(); ++i) {
    format(*formatter_, printEvery_, filled_->stretches[i], output_.buffer(), [&] {
      if (writesEveryPacket_) {
        written = output_.flush();
      } else if (output_.isLarge()) {
        written = output_.flushIfLarge();
      }
      return written && !output_.closed();
    });
  }
  return written;
}

}  // namespace vsdump
