// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/quiet_times.h"

#include <algorithm>
#include <bit>

namespace vsdump::gui {

/// Times may be anything that a capture says, so that a difference takes all of 64 bits.
std::uint64_t QuietTimes::sinceOf(std::size_t row, std::uint64_t sinceBefore,
                                  const RowList& list) const {
  const std::int64_t time = list.timeNs(row);
  if (time <= startNs_) return sinceBefore;
  return std::max(static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(startNs_),
                  sinceBefore);
}

bool QuietTimes::addNewOf(const RowList& list, const std::stop_token& stop, std::size_t most) {
  const std::size_t end = list.size() - rows_ > most ? rows_ + most : list.size();
  for (; rows_ < end; ++rows_) {
    if (rows_ == 0) startNs_ = list.timeNs(0);
    const std::uint64_t since = sinceOf(rows_, sinceNs_, list);
    const std::uint64_t gap = since - sinceNs_;
    sinceNs_ = since;
    if (gap >= leastQuietNs(0)) {
      const auto level = static_cast<std::size_t>(std::bit_width(gap) - 1) - kFirstPower;
      gapNs_[level] += gap;
      ++gaps_[level];
    }
    if (rows_ % kBlock != 0) continue;
    if (stop.stop_requested()) return false;
    Block& block = blocks_.emplace_back();
    block.sinceNs = since;
    std::uint64_t ns = 0;
    std::uint32_t times = 0;
    for (std::size_t level = kLevels; level-- > 0;) {
      block.quietNs[level] = ns += gapNs_[level];
      block.quietTimes[level] = times += gaps_[level];
    }
  }
  return true;
}

QuietTimes::Place QuietTimes::placeOf(std::size_t block, std::size_t level) const {
  const Block& first = blocks_[block];
  return {.row = block * kBlock,
          .sinceNs = first.sinceNs,
          .quietNs = first.quietNs[level],
          .quietTimes = first.quietTimes[level]};
}

QuietTimes::Place QuietTimes::at(std::size_t row, std::size_t level, const RowList& list) const {
  Place place = placeOf(row / kBlock, level);
  while (place.row < row) place = next(place, level, list);
  return place;
}

QuietTimes::Place QuietTimes::next(const Place& place, std::size_t level,
                                   const RowList& list) const {
  Place after = place;
  after.sinceNs = sinceOf(++after.row, place.sinceNs, list);
  const std::uint64_t gap = after.sinceNs - place.sinceNs;
  if (gap >= leastQuietNs(level)) {
    after.quietNs += gap;
    ++after.quietTimes;
  }
  return after;
}

QuietTimes::Place QuietTimes::nextQuiet(std::size_t row, std::size_t level,
                                        const RowList& list) const {
  if (row >= rows_) return {.row = rows_};
  const std::uint32_t before = row == 0 ? 0 : at(row - 1, level, list).quietTimes;
  return firstOf([before](const Place& place) { return place.quietTimes > before; }, level, list);
}

}  // namespace vsdump::gui
