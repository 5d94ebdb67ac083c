// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/selection.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vsdump {

std::span<const Frame> Selection::of(std::span<const Frame> frames) {
  if (!selector_.takesAll()) {
    std::swap(matching_, matchingBefore_);
    matching_.clear();
    std::ranges::copy_if(frames, std::back_inserter(matching_),
                         [&](const Frame& frame) { return selector_.matches(frame); });
    unmatched_ += frames.size() - matching_.size();
    frames = matching_;
  }
  const auto skipped = std::min<std::uint64_t>(skip_, frames.size());
  skip_ -= skipped;
  frames = frames.subspan(skipped);
  if (limit_) frames = frames.first(std::min<std::uint64_t>(*limit_ - taken_, frames.size()));
  taken_ += frames.size();
  return frames;
}

bool Selection::takes(const Frame& frame) {
  if (complete()) return false;
  if (!selector_.takesAll() && !selector_.matches(frame)) {
    ++unmatched_;
    return false;
  }
  if (skip_ != 0) {
    --skip_;
    return false;
  }
  ++taken_;
  return true;
}

bool Selection::takesNext(std::size_t count) {
  if (!selector_.takesAll() || skip_ != 0 || (limit_ && *limit_ - taken_ < count)) return false;
  taken_ += count;
  return true;
}

}  // namespace vsdump
