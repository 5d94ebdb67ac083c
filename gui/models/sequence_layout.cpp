// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/sequence_layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vsdump::gui {

namespace {

/// More lanes than fit beside each other are not told apart.
constexpr std::size_t kMostLanes = 12;
/// Addresses need more room than CIDs.
constexpr std::size_t kMostEnds = 6;
/// Of rows of equal height.
constexpr double kSmallestRow = 1e-5;
constexpr double kLargestRow = 60;
/// A pause between rows of equal height that is worth a word.
constexpr std::int64_t kQuietNs = 500'000'000;
/// Pixels from one such height to the next.
constexpr double kLabelsFrom = 256;

double labelsFrom(double y) {
  return std::floor(std::max(y, 0.0) / kLabelsFrom) * kLabelsFrom;
}

/// The first lanes by number, so that the host and loopback stand at the left.
std::vector<Lane> lanesOfCids(const std::set<Cid>& cids) {
  std::vector<Lane> lanes;
  for (const Cid cid : cids) {
    if (lanes.size() + 1 == kMostLanes && cids.size() > kMostLanes) {
      lanes.push_back({.address = {}, .kind = Lane::Kind::Others});
      break;
    }
    lanes.push_back({.address = {cid, Port{}}, .kind = Lane::Kind::Cid});
  }
  return lanes;
}

}  // namespace

void LaneFinder::add(const ConnectionSummary& connection) {
  cids_.insert(connection.client.cid);
  cids_.insert(connection.server.cid);
  addEnd(connection.client);
  // Where a server is its own client, one lane would hide which way packets go.
  if (connection.client == connection.server && ends_.size() == 1) {
    ends_.push_back({.address = connection.server});
  }
  addEnd(connection.server);
}

void LaneFinder::addEnd(const Address& address) {
  if (ends_.size() > kMostEnds) return;
  const bool isThere = std::ranges::find(ends_, address, &Lane::address) != ends_.end();
  if (!isThere) ends_.push_back({.address = address});
}

void LaneFinder::addNewOf(const Trace& trace) {
  for (; told_ < trace.connections().size(); ++told_) add(trace.connections()[told_]);
}

std::vector<Lane> LaneFinder::lanes(LanesBy by) const {
  const bool areFew = ends_.size() <= kMostEnds;
  return by == LanesBy::Ends && areFew ? ends_ : lanesOfCids(cids_);
}

std::vector<Lane> lanesOf(const Trace& trace, const std::vector<std::uint32_t>& connections,
                          LanesBy by) {
  LaneFinder finder;
  for (const std::uint32_t id : connections) finder.add(trace.connections()[id]);
  return finder.lanes(by);
}

std::vector<Lane> lanesOf(const Trace& trace, LanesBy by) {
  LaneFinder finder;
  finder.addNewOf(trace);
  return finder.lanes(by);
}

std::vector<FindingMark> findingMarksOf(const Trace& trace, const Rows& rows) {
  std::vector<FindingMark> marks;
  for (const Finding& finding : trace.findings()) {
    if (finding.packetCount == 0) continue;
    std::size_t row = trace.rowOf(finding.packets[0]);
    if (row >= trace.packetCount()) continue;
    if (rows) {
      const auto found = std::ranges::lower_bound(*rows, static_cast<Row>(row));
      if (found == rows->end() || *found != row) continue;
      row = static_cast<std::size_t>(found - rows->begin());
    }
    marks.push_back(
        {.row = static_cast<std::uint32_t>(row), .severity = describe(finding.code).severity});
  }
  std::ranges::sort(marks, {}, &FindingMark::row);
  return marks;
}

SequenceLayout::SequenceLayout(const Trace& trace, Rows rows, std::vector<Lane> lanes)
    : trace_(&trace), list_{&trace, std::move(rows)}, lanes_(std::move(lanes)) {}

double SequenceLayout::zoom(double factor) {
  if (scale_) {
    const double before = scale_->pixelsPerNs();
    scale_->setPixelsPerNs(before * factor);
    return scale_->pixelsPerNs() / before;
  }
  const double before = rowHeight_;
  rowHeight_ = std::clamp(rowHeight_ * factor, kSmallestRow, kLargestRow);
  return rowHeight_ / before;
}

void SequenceLayout::takeZoomOf(const SequenceLayout& before) {
  rowHeight_ = before.rowHeight_;
  if (scale_ && before.scale_) scale_->setPixelsPerNs(before.scale_->pixelsPerNs());
}

void SequenceLayout::fit(std::size_t first, std::size_t last, double height) {
  if (scale_ && last < rowCount()) scale_->fit(first, last, height);
}

double SequenceLayout::height() const {
  return scale_ ? scale_->height() : static_cast<double>(rowCount()) * rowHeight_;
}

double SequenceLayout::heightOf(std::size_t row) const {
  return scale_ ? scale_->heightOf(row) : (static_cast<double>(row) + 0.5) * rowHeight_;
}

double SequenceLayout::laneX(std::size_t lane) const {
  const double first = kTimeWidth + kMargin;
  if (lanes_.size() < 2) return first;
  const double room = std::max(width_ - first - kMargin, 1.0);
  return first + room * static_cast<double>(lane) / static_cast<double>(lanes_.size() - 1);
}

std::size_t SequenceLayout::laneOf(const ConnectionSummary& connection, bool isServer) const {
  const Address& address = isServer ? connection.server : connection.client;
  if (isServer && connection.client == connection.server && lanes_.size() == 2) return 1;
  const auto found = std::ranges::find_if(lanes_, [&address](const Lane& lane) {
    if (lane.kind == Lane::Kind::End) return lane.address == address;
    return lane.kind == Lane::Kind::Others || lane.address.cid == address.cid;
  });
  return std::min(static_cast<std::size_t>(found - lanes_.begin()), lanes_.size() - 1);
}

SequenceLayout::Arrow SequenceLayout::arrowOf(std::size_t row, double y) const {
  const Row packet = packetAt(row);
  const Observation& seen = trace_->observation(packet);
  const ConnectionSummary* connection = trace_->connection(seen.connection);
  const bool toServer = seen.direction == Direction::ToServer;
  const bool hasLanes = connection != nullptr && !lanes_.empty();
  return {.row = row,
          .packet = packet,
          .from = hasLanes ? laneOf(*connection, !toServer) : Arrow::kNoLane,
          .to = hasLanes ? laneOf(*connection, toServer) : Arrow::kNoLane,
          .y = y,
          .hasLabel = rowHeight_ >= kLabelHeight,
          .others = 0};
}

std::vector<SequenceLayout::Arrow> SequenceLayout::arrows(double top, double bottom) const {
  if (scale_) return arrowsToScale(top, bottom);
  std::vector<Arrow> result;
  const std::size_t end = std::min(rowAt(bottom) + 1, rowCount());
  // Where rows are lower than a pixel: straight to the first row of the next line of pixels.
  const auto step = static_cast<std::size_t>(std::ceil(1 / rowHeight_));
  for (std::size_t row = rowAt(std::max(top, 0.0)) / step * step; row < end; row += step) {
    result.push_back(arrowOf(row, heightOf(row)));
  }
  return result;
}

/// A row has a label where it stands apart from the row before, or from the last one with a label;
/// a height now and then counts as one, from where on labels are the same wherever the window is.
std::vector<SequenceLayout::Arrow> SequenceLayout::arrowsToScale(double top, double bottom) const {
  std::vector<Arrow> result;
  double labelled = labelsFrom(top);
  TimeScale::Point at = scale_->pointFrom(labelled);
  double before = at.row == 0 ? -kLabelApart : scale_->heightOf(at.row - 1);
  constexpr std::size_t kNone = SIZE_MAX;
  std::size_t last = kNone;  // of the arrows, that has a label
  // The last label in sight tells of what stands before the next one.
  const auto endLabel = [&] {
    if (last != kNone) result[last].others = at.row - result[last].row - 1;
    last = kNone;
  };
  while (at.row < rowCount()) {
    labelled = std::max(labelled, labelsFrom(at.y));
    const bool hasLabel = at.y - labelled >= kLabelApart || at.y - before >= kLabelApart;
    if (hasLabel) endLabel();
    if (at.y > bottom && last == kNone) break;
    if (at.y >= top && at.y <= bottom) {
      result.push_back(arrowOf(at.row, at.y));
      result.back().hasLabel = hasLabel;
      if (hasLabel) last = result.size() - 1;
    }
    if (hasLabel) labelled = at.y;
    before = at.y;
    at = scale_->pointFrom(at.y + 1);
  }
  endLabel();
  return result;
}

std::size_t SequenceLayout::rowAt(double y) const {
  if (scale_) return y > scale_->height() ? rowCount() : scale_->nearest(y);
  if (y <= 0) return 0;
  return std::min(static_cast<std::size_t>(y / rowHeight_), rowCount());
}

std::size_t SequenceLayout::firstFrom(double y) const {
  if (scale_) return scale_->firstFrom(y);
  return std::min(static_cast<std::size_t>(std::ceil(std::max(y / rowHeight_ - 0.5, 0.0))),
                  rowCount());
}

std::size_t SequenceLayout::rowOf(Row packet) const {
  const Rows& rows = list_.rows;
  if (!rows) return std::min<std::size_t>(packet, rowCount());
  const auto found = std::ranges::lower_bound(*rows, packet);
  const bool isThere = found != rows->end() && *found == packet;
  return isThere ? static_cast<std::size_t>(found - rows->begin()) : rowCount();
}

double SequenceLayout::heightAt(std::int64_t timeNs) const {
  if (scale_) return scale_->heightAt(timeNs);
  std::size_t low = 0;
  std::size_t high = rowCount();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (list_.timeNs(middle) < timeNs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return heightOf(low);
}

std::vector<SequenceLayout::Wait> SequenceLayout::waits(double top, double bottom) const {
  std::vector<Wait> waits;
  if (lanes_.empty() || rowCount() == 0) return waits;
  // Most are told by their times to be elsewhere.
  const std::size_t last = std::min(firstFrom(bottom) + 1, rowCount() - 1);
  const std::size_t first = std::min(firstFrom(top), last);
  const std::int64_t fromNs = list_.timeNs(first > 0 ? first - 1 : 0);
  const std::int64_t toNs = list_.timeNs(last);
  for (const Stall& stall : trace_->stalls()) {
    if (stall.endNs < fromNs || stall.startNs > toNs) continue;
    const ConnectionSummary* connection = trace_->connection(stall.connection);
    const bool isShown =
        connections_.empty() || std::ranges::binary_search(connections_, raw(stall.connection));
    if (connection == nullptr || !isShown) continue;
    const Wait wait{.top = heightAt(stall.startNs),
                    .bottom = heightAt(stall.endNs),
                    .durationNs = stall.endNs - stall.startNs,
                    .from = laneOf(*connection, false),
                    .to = laneOf(*connection, true)};
    if (wait.bottom >= top && wait.top <= bottom) waits.push_back(wait);
  }
  return waits;
}

std::vector<SequenceLayout::Mark> SequenceLayout::marks(double top, double bottom,
                                                        double apart) const {
  std::vector<Mark> result;
  auto mark = std::ranges::lower_bound(marks_, firstFrom(top), {}, &FindingMark::row);
  while (mark != marks_.end() && mark->row < rowCount()) {
    const double y = heightOf(mark->row);
    if (y > bottom) break;
    Mark& folded = result.emplace_back(Mark{.y = y, .severity = mark->severity});
    const std::size_t next = firstFrom(y + apart);
    for (; mark != marks_.end() && mark->row < next; ++mark) {
      folded.severity = std::max(folded.severity, mark->severity);
    }
  }
  return result;
}

std::vector<SequenceLayout::Quiet> SequenceLayout::quiets(double top, double bottom) const {
  std::vector<Quiet> result;
  if (scale_) {
    for (const TimeScale::Quiet& quiet : scale_->quiets(top, bottom)) {
      result.push_back({.top = quiet.top,
                        .bottom = quiet.bottom,
                        .durationNs = quiet.durationNs,
                        .isBreak = scale_->cutsQuiet()});
    }
    return result;
  }
  if (rowHeight_ < kLabelHeight) return result;
  const std::size_t end = std::min(rowAt(bottom) + 1, rowCount());
  for (std::size_t row = std::max<std::size_t>(rowAt(top), 1); row < end; ++row) {
    const std::int64_t before = list_.timeNs(row - 1);
    const std::int64_t after = list_.timeNs(row);
    if (after <= before) continue;
    const auto pause = static_cast<std::uint64_t>(after) - static_cast<std::uint64_t>(before);
    if (pause < kQuietNs) continue;
    const double edge = static_cast<double>(row) * rowHeight_;
    result.push_back({.top = edge, .bottom = edge, .durationNs = pause, .isBreak = true});
  }
  return result;
}

std::vector<TimeScale::Tick> SequenceLayout::ticks(double top, double bottom) const {
  return scale_ ? scale_->ticks(top, bottom) : std::vector<TimeScale::Tick>();
}

}  // namespace vsdump::gui
