// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/record_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace vsdump {

namespace {

/// Damaged places that are told one by one; of more only the sum is told.
constexpr std::uint64_t kToldDamages = 10;

}  // namespace

Result<Batch> RecordReader::read() {
  // What opening the file has met comes with the first batch.
  if (std::exchange(hasRead_, true)) {
    notices_.clear();
    comments_.clear();
    std::swap(frames_, framesBefore_);
    frames_.clear();
  }
  if (ended_) return Batch{.state = *ended_};

  // Usually sees no more than the beginning of a record that the last batch left behind.
  advanceWithEnough();
  if (frames_.empty()) {
    auto chunk = input_.fill(wanted_);
    if (!chunk) return tl::unexpected(std::move(chunk.error()));
    switch (chunk->state) {
      case SourceState::More:
        advanceWithEnough();
        break;
      case SourceState::Waiting:
        wanted_ = advance(Ahead::Later).wanted;
        return batch(SourceState::Waiting);
      case SourceState::End:
      case SourceState::Damaged:
        advance(Ahead::Nothing);
        if (chunk->behind == Behind::Apart) {
          passStreamGap(std::move(chunk->problem));
          break;
        }
        // Packets first: the stream repeats its end.
        if (frames_.empty()) return end(std::move(chunk->problem));
        break;
    }
  }
  return batch(SourceState::More);
}

Batch RecordReader::batch(SourceState state) const {
  return {.frames = frames_,
          .notices = notices_,
          .state = state,
          .end = input_.bytes().data(),
          .endOffset = input_.offset(),
          .place = input_.place()};
}

/// advance(), unless too few bytes are there: each of the pieces in which a long record comes would
/// have all before it looked at again.
void RecordReader::advanceWithEnough() {
  if (input_.bytes().size() >= wanted_) wanted_ = advance(Ahead::Unknown).wanted;
}

RecordReader::Stop RecordReader::advance(Ahead ahead) {
  auto damages = input_.takeDamages();
  std::move(damages.begin(), damages.end(), std::back_inserter(streamDamages_));
  while (true) {
    tellStreamDamages(gap_ ? gap_->offset : input_.offset());
    if (gap_) {
      const Search next = search(input_.bytes(), ahead);
      input_.consume(next.passed);
      if (!next.found) return {.wanted = next.wanted};
      closeGap("next packet that can be recognised");
    }
    Stop stop = walk(ahead);
    tellStreamDamages(input_.offset());
    if (!stop.problem) return stop;
    gap_ = Gap{.problem = std::move(*stop.problem), .offset = input_.offset()};
    input_.consume(stop.damaged);
  }
}

/// Drops what the stream's damage leaves of a record, and searches behind the damage.
void RecordReader::passStreamGap(std::string problem) {
  std::uint64_t offset = input_.offset();
  input_.resume();
  wanted_ = 0;
  if (gap_) {
    closeGap("next damage");
    offset = input_.offset();
  }
  gap_ = Gap{.problem = std::move(problem), .offset = offset};
}

void RecordReader::closeGap(std::string_view upTo) {
  const std::uint64_t skipped = input_.offset() - gap_->offset;
  std::string message = std::move(gap_->problem);
  if (skipped > 0) {
    message +=
        fmt::format(": skipped {} byte{}, up to the {}", skipped, skipped == 1 ? "" : "s", upTo);
  }
  addDamage(std::move(message), gap_->offset, skipped);
  gap_.reset();
}

Result<Batch> RecordReader::end(std::string streamProblem) {
  if (gap_) {
    input_.consume(input_.bytes().size());
    closeGap("end");
  }
  if (const std::size_t rest = input_.bytes().size(); !streamProblem.empty()) {
    addDamage(std::move(streamProblem), input_.offset(), rest);
  } else if (rest > 0) {
    addDamage(describeCut(input_.bytes()), input_.offset(), rest);
  }
  tellStreamDamages(UINT64_MAX);
  if (damages_ > kToldDamages) {
    addNotice(SourceNotice::Severity::Error,
              fmt::format("{} more places are damaged; {} bytes were skipped in all",
                          damages_ - kToldDamages, skippedBytes_),
              std::nullopt);
  }
  ended_ = isDamaged() ? SourceState::Damaged : SourceState::End;
  if (auto finished = finish(); !finished) return tl::unexpected(std::move(finished.error()));
  return Batch{.notices = notices_, .state = *ended_};
}

void RecordReader::addDamage(std::string message, std::uint64_t offset,
                             std::uint64_t skippedBytes) {
  tellStreamDamages(offset);
  tell(std::move(message), offset, skippedBytes);
}

/// Tells of damage that the stream has met up to a place: in the order of the places, however much
/// of the stream was read at once.
void RecordReader::tellStreamDamages(std::uint64_t upTo) {
  const auto isBehind = [&](const InputBuffer::Damage& damage) { return damage.offset > upTo; };
  const auto end = std::ranges::find_if(streamDamages_, isBehind);
  for (auto damage = streamDamages_.begin(); damage != end; ++damage) {
    tell(std::move(damage->problem), damage->offset, 0);
  }
  streamDamages_.erase(streamDamages_.begin(), end);
}

void RecordReader::tell(std::string message, std::uint64_t offset, std::uint64_t skippedBytes) {
  skippedBytes_ += skippedBytes;
  if (++damages_ > kToldDamages) return;
  notices_.push_back({.severity = SourceNotice::Severity::Error,
                      .message = std::move(message),
                      .byteOffset = offset});
}

void RecordReader::addNotice(SourceNotice::Severity severity, std::string message,
                             std::optional<std::uint64_t> offset) {
  if (offset) tellStreamDamages(*offset);
  notices_.push_back({.severity = severity, .message = std::move(message), .byteOffset = offset});
}

}  // namespace vsdump
