// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/record_reader.h"

#include <utility>

namespace vsdump {

Result<Batch> RecordReader::read() {
  frames_.clear();
  // What opening the file has met comes with the first batch.
  if (std::exchange(hasRead_, true)) {
    notices_.clear();
    comments_.clear();
  }
  if (ended_) return Batch{.state = *ended_};

  // Usually sees no more than the beginning of a record that the last batch left behind.
  Stop stop = walk();
  if (frames_.empty() && !stop.problem) {
    auto chunk = input_.fill(stop.wanted);
    if (!chunk) return tl::unexpected(std::move(chunk.error()));
    switch (chunk->state) {
      case SourceState::More:
        stop = walk();
        break;
      case SourceState::Waiting:
        return Batch{.notices = notices_, .state = SourceState::Waiting};
      case SourceState::Damaged:
        return endWith(std::move(chunk->problem));
      case SourceState::End:
        if (input_.bytes().empty()) return endWith(std::nullopt);
        return endWith(describeCut(input_.bytes()));
    }
  }
  // Packets first: the same damage is met again by the next read.
  if (frames_.empty() && stop.problem) return endWith(std::move(stop.problem));
  return Batch{.frames = frames_, .notices = notices_, .state = SourceState::More};
}

Result<Batch> RecordReader::endWith(std::optional<std::string> problem) {
  ended_ = problem ? SourceState::Damaged : SourceState::End;
  auto finished = finish();
  if (problem) {
    addNotice(SourceNotice::Severity::Error, std::move(*problem), input_.offset());
  } else if (!finished) {
    return tl::unexpected(std::move(finished.error()));
  }
  return Batch{.notices = notices_, .state = *ended_};
}

void RecordReader::addNotice(SourceNotice::Severity severity, std::string message,
                             std::optional<std::uint64_t> offset) {
  notices_.push_back({.severity = severity, .message = std::move(message), .byteOffset = offset});
}

}  // namespace vsdump
