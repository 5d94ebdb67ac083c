// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/time_scale.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vsdump::gui {

namespace {

/// What everything takes at least.
constexpr double kLeastHeight = 50;
/// What everything takes at most: heights are told apart to less than a pixel.
constexpr double kMostHeight = 1e13;
/// A round time that is closer to a time after a break would be hard to read.
constexpr double kTickRoom = 20;

/// Times are said in microseconds.
constexpr std::int64_t kLeastStepNs = 1000;

/// 1, 2 or 5 with zeros behind it, and of that height at least.
std::int64_t stepFor(double pixelsPerNs) {
  std::int64_t decade = kLeastStepNs;
  for (;; decade *= 10) {
    for (const std::int64_t step : {decade, 2 * decade, 5 * decade}) {
      const bool isLast = step > INT64_MAX / 10;
      if (isLast || static_cast<double>(step) * pixelsPerNs >= TimeScale::kTickApart) return step;
    }
  }
}

/// Times may be anything that a capture says.
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

double TimeScale::smallest() const {
  if (rowCount() == 0) return 0;
  const Place last = times_->at(rowCount() - 1, level_, list_);
  return kLeastHeight / std::max(static_cast<double>(last.sinceNs), 1.0);
}

void TimeScale::setPixelsPerNs(double pixels) {
  const double least = smallest();
  const double most =
      cutsQuiet_ ? kLargest : std::min(kLargest, least / kLeastHeight * kMostHeight);
  pixelsPerNs_ = std::min(std::max(pixels, least), most);
  level_ = 0;
  while (level_ + 1 < QuietTimes::kLevels &&
         static_cast<double>(QuietTimes::leastQuietNs(level_)) * pixelsPerNs_ < kLeastQuiet) {
    ++level_;
  }
}

void TimeScale::fit(std::size_t first, std::size_t last, double height) {
  // What is quiet and cut depends on the scale: a larger one may even take less.
  constexpr double kStep = 1.1;
  double pixels = smallest();
  double best = pixels;
  double highest = 0;
  while (pixels <= kLargest) {
    setPixelsPerNs(pixels);
    const double taken = heightOf(last) - heightOf(first);
    if (taken > height) break;
    if (taken > highest) best = pixels;
    highest = std::max(taken, highest);
    pixels *= kStep;
  }
  setPixelsPerNs(best);
}

double TimeScale::height() const {
  return rowCount() == 0 ? 0 : heightOf(rowCount() - 1) + kMargin;
}

double TimeScale::heightOf(const Place& place) const {
  const std::uint64_t shown = cutsQuiet_ ? place.sinceNs - place.quietNs : place.sinceNs;
  const double breaks = cutsQuiet_ ? kBreakHeight * place.quietTimes : 0;
  return kMargin + static_cast<double>(shown) * pixelsPerNs_ + breaks;
}

QuietTimes::Place TimeScale::placeFrom(double y) const {
  return times_->firstOf([this, y](const Place& place) { return heightOf(place) >= y; }, level_,
                         list_);
}

double TimeScale::heightAt(std::int64_t timeNs) const {
  if (rowCount() == 0) return kMargin;
  const std::int64_t start = list_.timeNs(0);
  if (timeNs <= start) return kMargin;
  const auto since = static_cast<std::uint64_t>(difference(timeNs, start));
  const Place after = times_->firstOf(
      [since](const Place& place) { return place.sinceNs >= since; }, level_, list_);
  if (after.row == rowCount()) return heightOf(rowCount() - 1);
  if (after.row == 0) return kMargin;
  const Place before = times_->at(after.row - 1, level_, list_);
  const double part = static_cast<double>(since - before.sinceNs) /
                      static_cast<double>(after.sinceNs - before.sinceNs);
  return heightOf(before) + part * (heightOf(after) - heightOf(before));
}

std::size_t TimeScale::nearest(double y) const {
  const Place below = placeFrom(y);
  if (below.row == 0 || rowCount() == 0) return 0;
  const double above = heightOf(below.row - 1);
  const bool isAbove = below.row == rowCount() || y - above < heightOf(below) - y;
  return isAbove ? firstFrom(above) : below.row;
}

std::vector<TimeScale::Quiet> TimeScale::quiets(double top, double bottom) const {
  std::vector<Quiet> result;
  Place after = times_->nextQuiet(firstFrom(top), level_, list_);
  while (after.row < rowCount()) {
    const Place before = times_->at(after.row - 1, level_, list_);
    const double start = heightOf(before);
    if (start > bottom) break;
    result.push_back(
        {.top = start, .bottom = heightOf(after), .durationNs = after.sinceNs - before.sinceNs});
    after = times_->nextQuiet(after.row + 1, level_, list_);
  }
  return result;
}

void TimeScale::addRound(std::vector<Tick>& ticks, double from, double to) const {
  const Place known = placeFrom(from);
  if (known.row == rowCount()) return;
  const std::int64_t start = list_.trace->timeNs(0);
  const std::int64_t step = stepFor(pixelsPerNs_);
  const std::int64_t knownNs =
      sum(difference(list_.timeNs(0), start), static_cast<std::int64_t>(known.sinceNs));
  const double knownY = heightOf(known);
  // The stretch begins that much before what is known.
  const auto aheadNs = static_cast<std::int64_t>((knownY - from) / pixelsPerNs_);
  std::int64_t round = difference(knownNs, aheadNs) / step * step;
  for (;; round = sum(round, step)) {
    const double y = knownY - static_cast<double>(difference(knownNs, round)) * pixelsPerNs_;
    if (y > to) return;
    const bool hasRoom = ticks.empty() || y - ticks.back().y >= kTickRoom;
    if (y >= from && hasRoom) ticks.push_back({.y = y, .timeNs = sum(start, round)});
  }
}

std::vector<TimeScale::Tick> TimeScale::ticks(double top, double bottom) const {
  std::vector<Tick> result;
  if (rowCount() == 0) return result;
  double from = top;
  const double to = std::min(bottom, heightOf(rowCount() - 1));
  if (top <= kMargin) {
    result.push_back({.y = kMargin, .timeNs = list_.timeNs(0)});
    from = kMargin;
  }
  if (cutsQuiet_) {
    for (const Quiet& quiet : quiets(from, to)) {
      if (quiet.top >= from) addRound(result, from, quiet.top);
      from = quiet.bottom;
      if (from > to) return result;
      result.push_back({.y = from, .timeNs = list_.timeNs(firstFrom(from))});
    }
  }
  addRound(result, from, to);
  return result;
}

}  // namespace vsdump::gui
