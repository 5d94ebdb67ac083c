// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "gui/models/quiet_times.h"

namespace vsdump::gui {

/// Heights of rows where these stand as far from each other as their packets came, or with every
/// long quiet cut to a short break.
///
/// **Units** pixels from the top; nanoseconds.
class TimeScale {
 public:
  static constexpr double kMargin = 16;       ///< above the first row, and below the last
  static constexpr double kBreakHeight = 40;  ///< of a quiet that is cut
  /// A gap of this height may be a quiet, one of twice it is: lengths are told apart by powers
  /// of 2.
  static constexpr double kLeastQuiet = 96;
  static constexpr double kTickApart = 56;  ///< round times are no closer than this
  static constexpr double kLargest = 0.06;  ///< pixels a nanosecond: tells microseconds apart

  /// **Lifetime** borrows the trace of the rows; `times` are those of the same rows.
  TimeScale(RowList list, std::shared_ptr<const QuietTimes> times, bool cutsQuiet)
      : list_(std::move(list)), times_(std::move(times)), cutsQuiet_(cutsQuiet) {}

  bool cutsQuiet() const { return cutsQuiet_; }

  double pixelsPerNs() const { return pixelsPerNs_; }
  /// At most kLargest, and no less than what shows everything in a few pixels.
  void setPixelsPerNs(double pixels);
  /// Has the rows from `first` to `last` take a height, or a tenth less.
  void fit(std::size_t first, std::size_t last, double height);

  std::size_t rowCount() const { return times_->rowCount(); }
  double height() const;
  double heightOf(std::size_t row) const { return heightOf(times_->at(row, level_, list_)); }
  /// Of any time, which may be between two rows.
  double heightAt(std::int64_t timeNs) const;
  /// A row and its height.
  struct Point {
    std::size_t row;
    double y;
  };
  /// The first row at a height or below it; rowCount() where there is none.
  Point pointFrom(double y) const {
    const Place place = placeFrom(y);
    return {.row = place.row, .y = heightOf(place)};
  }
  std::size_t firstFrom(double y) const { return placeFrom(y).row; }
  /// The row that is nearest to a height, of several the first.
  std::size_t nearest(double y) const;

  /// A long time without rows.
  struct Quiet {
    double top;
    double bottom;
    std::uint64_t durationNs;
  };
  /// Those that reach between two heights.
  std::vector<Quiet> quiets(double top, double bottom) const;

  /// A height and its time.
  struct Tick {
    double y;
    std::int64_t timeNs;
  };
  /// Round times between two heights, counted from the trace's first packet, and the first times
  /// of all and after each break.
  std::vector<Tick> ticks(double top, double bottom) const;

 private:
  using Place = QuietTimes::Place;

  double heightOf(const Place& place) const;
  Place placeFrom(double y) const;
  /// Adds the round times of a stretch without breaks, of which one place is known.
  void addRound(std::vector<Tick>& ticks, double from, double to) const;
  double smallest() const;

  RowList list_;
  std::shared_ptr<const QuietTimes> times_;
  bool cutsQuiet_;
  double pixelsPerNs_ = 1e-6;
  std::size_t level_ = 0;  ///< of quiet
};

}  // namespace vsdump::gui
