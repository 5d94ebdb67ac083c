// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace_reading.h"

#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <iterator>
#include <limits>
#include <mutex>
#include <utility>

#include "gui/models/give_way.h"

namespace vsdump::gui {

using Ending = TraceLoader::Ending;

namespace {

/// Behind the window, and before what works on what was read.
constexpr int kStepsBehind = 5;
/// Long enough that the window has time for other things, short enough to look alive.
constexpr std::chrono::milliseconds kUpdateInterval{100};
/// While nothing comes; time alone may show something.
constexpr std::chrono::milliseconds kIdleInterval{1000};
constexpr std::chrono::milliseconds kGrowingFileInterval{100};
/// How long a program may take to end once it writes no more.
constexpr std::chrono::milliseconds kEndPatience{2000};
/// How much later a packet may come than one of the same time that has come already.
constexpr std::int64_t kLagNs = 1'000'000'000;

/// More than a chunk can tell apart.
constexpr std::size_t kMostSources = std::numeric_limits<std::uint16_t>::max();

}  // namespace

Result<Ending> TraceReading::run(const TraceInput& input) {
  name_ = input.isProgram() ? input.name : std::filesystem::path(input.name).filename().string();
  const auto heard = [this](std::string_view line) { listener_.noticed(line); };
  Result<void> opened = openTraceInput(input, stop_.atOnce, heard, input_);
  Result<Ending> ending = opened ? readToEnd() : tl::unexpected(opened.error());
  input_.source.reset();
  if (stop_.requested() && !opened) return Ending::Stopped;
  if (!input_.child) return ending;
  if (stop_.requested()) return ending ? Ending::Stopped : ending;
  if (!opened && input.command.front() == "ssh") {
    ending.error().hint = "Is the shell there silent? \"ssh HOST true\" has to print nothing.";
  }
  // Why a program has ended says more than where its capture breaks off.
  if (Result<void> well = input_.child->end(kEndPatience, stop_.atOnce, heard); !well) {
    return tl::unexpected(std::move(well.error()));
  }
  return ending;
}

Result<Ending> TraceReading::readToEnd() {
  // Not before the program was started that captures: it gives way to nobody.
  giveWay(kStepsBehind);
  builder_ = std::make_unique<TraceBuilder>(input_.isSpooled ? input_.store : nullptr);
  for (const std::string& remark : before_.remarks()) builder_->remark(remark);
  for (Comment& met : input_.source->takeComments()) builder_->remark(std::move(met.text));
  listener_.opened(input_);
  const std::stop_callback onStop(stop_.soon, [this] {
    if (input_.child) input_.child->askToEnd();
  });
  Result<Ending> ending = Ending::Stopped;
  // A program that is asked to end has its last word.
  const auto goesOn = [this] {
    return input_.child ? !stop_.atOnce.stop_requested() : !stop_.requested();
  };
  while (goesOn()) {
    const Result<Batch> batch = input_.source->read();
    if (Result<void> taken = batch ? take(*batch) : tl::unexpected(batch.error()); !taken) {
      ending = tl::unexpected(std::move(taken.error()));
      break;
    }
    for (const SourceNotice& notice : batch->notices) listener_.noticed(notice.message);
    if (batch->state == SourceState::End || batch->state == SourceState::Damaged) {
      ending = batch->state == SourceState::End ? Ending::Whole : Ending::Damaged;
      break;
    }
    const bool isNew = builder_->packetCount() != toldPackets_;
    if (Clock::now() - told_ >= (isNew ? kUpdateInterval : kIdleInterval)) {
      Result<void> said = tell(input_.source->progress().value_or(0));
      if (!said) return tl::unexpected(std::move(said.error()));
    }
    if (batch->state != SourceState::Waiting) continue;
    if (Result<void> waited = wait(); !waited) return tl::unexpected(std::move(waited.error()));
  }
  if (stop_.atOnce.stop_requested()) return ending;
  // What came before a failure, or was there before, is shown in any case.
  takeBefore(std::numeric_limits<std::int64_t>::max());
  builder_->finish();
  if (Result<void> last = tell(1); !last) return tl::unexpected(std::move(last.error()));
  return ending;
}

Result<void> TraceReading::take(const Batch& batch) {
  if (!batch.frames.empty()) {
    newestNs_ = std::max(newestNs_, batch.frames.back().timestampNs);
    newestCame_ = Clock::now();
  }
  if (before_.packetCount() > 0) return takeBeside(batch, input_.source->takeComments());
  return builder_->take(batch, input_.source->takeComments());
}

/// Two files may have the same numbers: those of the trace are new ones.
Result<void> TraceReading::takeBeside(const Batch& batch, std::vector<Comment>&& comments) {
  for (Comment& each : comments) {
    if (!each.frame) builder_->remark(std::move(each.text));
  }
  auto comment = comments.begin();
  for (Frame frame : batch.frames) {
    takeBefore(frame.timestampNs);
    const FrameNumber number = std::exchange(frame.number, builder_->nextNumber());
    const std::uint64_t offset = input_.isSpooled ? 0 : batch.offsetOf(frame);
    frame.interfaceIndex += static_cast<std::uint32_t>(before_.sources().size());
    if (input_.isSpooled) {
      if (Result<void> kept = builder_->spool(frame); !kept) return kept;
    } else {
      builder_->take(frame, offset);
    }
    for (; comment != comments.end() && comment->frame <= number; ++comment) {
      if (comment->frame == number) builder_->comment(std::move(comment->text));
    }
  }
  return {};
}

/// The packets that were there before, up to a time.
void TraceReading::takeBefore(std::int64_t untilNs) {
  for (; taken_ < before_.packetCount(); ++taken_) {
    const auto row = static_cast<Row>(taken_);
    if (before_.timeNs(row) > untilNs) return;
    Frame frame = window_.frame(row);
    frame.number = builder_->nextNumber();
    builder_->take(frame, before_.chunk(row).offset[row % PacketChunk::kRows]);
    const auto& comments = before_.comments();
    for (; beforeComment_ < comments.size() && comments[beforeComment_].row <= row;
         ++beforeComment_) {
      builder_->comment(comments[beforeComment_].text);
    }
  }
}

/// What was there before and this input. A capture of several interfaces has their names as well.
std::vector<TraceSource> TraceReading::sources() const {
  std::vector<TraceSource> all(before_.sources().begin(), before_.sources().end());
  const auto interfaces = input_.source->interfaces();
  for (const CaptureInterface& interface : interfaces) {
    if (all.size() == kMostSources) break;
    const bool isNamed = interfaces.size() > 1 && !interface.name.empty();
    all.push_back({.name = isNamed ? name_ + ": " + interface.name : name_,
                   .interface = interface,
                   .store = input_.store});
  }
  return all;
}

Result<void> TraceReading::tell(double progress) {
  if (input_.child && toldPackets_ > 0) {
    const auto since = std::chrono::nanoseconds(Clock::now() - newestCame_).count();
    if (since > kLagNs) builder_->advanceTo(newestNs_ + since - kLagNs);
  }
  builder_->describe(sources());
  Result<TraceUpdate> update = builder_->takeUpdate();
  if (!update) return tl::unexpected(update.error());
  update->progress = progress;
  toldPackets_ = update->packets;
  listener_.updated(std::move(*update));
  told_ = Clock::now();
  return {};
}

/// For more to come, or until it is time to tell what there is.
Result<void> TraceReading::wait() {
  const std::optional<int> descriptor = input_.source->pollDescriptor();
  if (!descriptor) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop_.atOnce, kGrowingFileInterval,
                                           [] { return false; });
    return {};
  }
  pollfd ready{.fd = *descriptor, .events = POLLIN, .revents = 0};
  const int patience = static_cast<int>(kUpdateInterval.count());
  if (::poll(&ready, 1, patience) >= 0 || errno == EINTR) return {};
  return tl::unexpected(systemError("wait for", "packets", errno));
}

}  // namespace vsdump::gui
