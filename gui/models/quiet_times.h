// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// The rows of a diagram: all packets of a trace, or some of them.
///
/// **Lifetime** borrows the trace.
struct RowList {
  const Trace* trace;
  Rows rows;

  std::size_t size() const { return rows ? rows->size() : trace->packetCount(); }
  Row packetAt(std::size_t row) const { return rows ? (*rows)[row] : static_cast<Row>(row); }
  std::int64_t timeNs(std::size_t row) const { return trace->timeNs(packetAt(row)); }
};

/// When rows come, and the quiet between them: what is kept lets any row's time, and all the quiet
/// before it, be found among millions by looking at a thousand, however long a quiet has to be.
///
/// Time does not go back here: a packet whose time lies before another's in a row above comes with
/// that one.
///
/// **Units** nanoseconds since the first row.
class QuietTimes {
 public:
  /// A gap between two rows is quiet from 2^(kFirstPower + level) ns on: a microsecond, 2, 4 ...
  static constexpr std::size_t kLevels = 54;
  static constexpr std::uint64_t leastQuietNs(std::size_t level) {
    return std::uint64_t{1} << (kFirstPower + level);
  }

  /// A row, when it comes, and the quiet of a level before it: how long all together, how often.
  struct Place {
    std::size_t row = 0;
    std::uint64_t sinceNs = 0;
    std::uint64_t quietNs = 0;
    std::uint32_t quietTimes = 0;
  };

  /// Takes the rows that were not taken yet, at most so many. Returns false when it was stopped.
  bool addNewOf(const RowList& list, const std::stop_token& stop = {}, std::size_t most = SIZE_MAX);

  /// Those that were taken.
  std::size_t rowCount() const { return rows_; }

  /// The place of a row, which is there. Of the same list as what was taken.
  Place at(std::size_t row, std::size_t level, const RowList& list) const;
  /// The place behind another one, which is not the last.
  Place next(const Place& place, std::size_t level, const RowList& list) const;

  /// The first place of which `isReached` is true, as it is of all behind it; rowCount() as its row
  /// where there is none.
  template <typename IsReached>
  Place firstOf(IsReached&& isReached, std::size_t level, const RowList& list) const {
    if (rows_ == 0) return {};
    std::size_t low = 0;
    std::size_t high = blocks_.size();
    while (high - low > 1) {
      const std::size_t middle = low + (high - low) / 2;
      (isReached(placeOf(middle, level)) ? high : low) = middle;
    }
    Place place = placeOf(low, level);
    while (!isReached(place)) {
      if (place.row + 1 == rows_) return {.row = rows_};
      place = next(place, level, list);
    }
    return place;
  }

  /// The first row from `row` on that has quiet before it; rowCount() where there is none.
  Place nextQuiet(std::size_t row, std::size_t level, const RowList& list) const;

 private:
  static constexpr std::size_t kFirstPower = 10;
  static constexpr std::size_t kBlock = 1024;  // rows that are looked at one after the other

  /// The first of kBlock rows.
  struct Block {
    std::uint64_t sinceNs;
    std::array<std::uint64_t, kLevels> quietNs;  ///< by level, before it
    std::array<std::uint32_t, kLevels> quietTimes;
  };

  Place placeOf(std::size_t block, std::size_t level) const;
  std::uint64_t sinceOf(std::size_t row, std::uint64_t sinceBefore, const RowList& list) const;

  std::vector<Block> blocks_;
  std::size_t rows_ = 0;
  std::int64_t startNs_ = 0;
  std::uint64_t sinceNs_ = 0;  ///< of the last row
  // Gaps by the highest level that they are quiet of.
  std::array<std::uint64_t, kLevels> gapNs_{};
  std::array<std::uint32_t, kLevels> gaps_{};
};

}  // namespace vsdump::gui
