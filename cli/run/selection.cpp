// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/selection.h"

#include <algorithm>
#include <iterator>

namespace vsdump {

std::span<const Frame> Selection::of(std::span<const Frame> frames) {
  if (!filter_.takesAll()) {
    matching_.clear();
    std::ranges::copy_if(frames, std::back_inserter(matching_),
                         [&](const Frame& frame) { return filter_.matches(frame); });
    frames = matching_;
  }
  const auto skipped = std::min<std::uint64_t>(skip_, frames.size());
  skip_ -= skipped;
  frames = frames.subspan(skipped);
  if (limit_) frames = frames.first(std::min<std::uint64_t>(*limit_ - taken_, frames.size()));
  taken_ += frames.size();
  return frames;
}

}  // namespace vsdump
