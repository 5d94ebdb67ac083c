// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/sequence_layout.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace vsdump::gui {

namespace {

/// More lanes than fit beside each other are not told apart.
constexpr std::size_t kMostLanes = 12;

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

std::vector<Lane> lanesOfEnds(const ConnectionSummary& connection) {
  return {{.address = connection.client}, {.address = connection.server}};
}

void add(std::set<Cid>& cids, const ConnectionSummary& connection) {
  cids.insert(connection.client.cid);
  cids.insert(connection.server.cid);
}

}  // namespace

std::vector<Lane> lanesOf(const Trace& trace, const std::vector<std::uint32_t>& connections) {
  if (connections.size() == 1) return lanesOfEnds(trace.connections()[connections.front()]);
  std::set<Cid> cids;
  for (const std::uint32_t id : connections) add(cids, trace.connections()[id]);
  return lanesOfCids(cids);
}

std::vector<Lane> lanesOf(const Trace& trace) {
  if (trace.connections().size() == 1) return lanesOfEnds(trace.connections().front());
  std::set<Cid> cids;
  for (const ConnectionSummary& connection : trace.connections()) add(cids, connection);
  return lanesOfCids(cids);
}

SequenceLayout::SequenceLayout(const Trace& trace, Rows rows, std::vector<Lane> lanes)
    : trace_(&trace), rows_(std::move(rows)), lanes_(std::move(lanes)) {}

double SequenceLayout::laneX(std::size_t lane) const {
  const double first = kTimeWidth + kMargin;
  if (lanes_.size() < 2) return first;
  const double room = std::max(width_ - first - kMargin, 1.0);
  return first + room * static_cast<double>(lane) / static_cast<double>(lanes_.size() - 1);
}

std::size_t SequenceLayout::laneOf(const ConnectionSummary& connection, bool isServer) const {
  if (lanes_.front().kind == Lane::Kind::End) return isServer ? 1 : 0;
  const Cid cid = (isServer ? connection.server : connection.client).cid;
  const auto found = std::ranges::find_if(lanes_, [cid](const Lane& lane) {
    return lane.kind == Lane::Kind::Others || lane.address.cid == cid;
  });
  return std::min(static_cast<std::size_t>(found - lanes_.begin()), lanes_.size() - 1);
}

std::vector<SequenceLayout::Arrow> SequenceLayout::arrows(double top, double bottom) const {
  std::vector<Arrow> result;
  const std::size_t end = std::min(rowAt(bottom) + 1, rowCount());
  // Where rows are lower than a pixel: straight to the first row of the next line of pixels.
  const auto step = static_cast<std::size_t>(std::ceil(1 / rowHeight_));
  for (std::size_t row = rowAt(std::max(top, 0.0)) / step * step; row < end; row += step) {
    const Row packet = packetAt(row);
    const Observation& seen = trace_->observation(packet);
    const ConnectionSummary* connection = trace_->connection(seen.connection);
    const bool toServer = seen.direction == Direction::ToServer;
    const bool hasLanes = connection != nullptr && !lanes_.empty();
    result.push_back({.row = row,
                      .packet = packet,
                      .from = hasLanes ? laneOf(*connection, !toServer) : Arrow::kNoLane,
                      .to = hasLanes ? laneOf(*connection, toServer) : Arrow::kNoLane,
                      .y = (static_cast<double>(row) + 0.5) * rowHeight_});
  }
  return result;
}

std::size_t SequenceLayout::rowAt(double y) const {
  if (y <= 0) return 0;
  return std::min(static_cast<std::size_t>(y / rowHeight_), rowCount());
}

std::size_t SequenceLayout::rowOf(Row packet) const {
  if (!rows_) return std::min<std::size_t>(packet, rowCount());
  const auto found = std::ranges::lower_bound(*rows_, packet);
  const bool isThere = found != rows_->end() && *found == packet;
  return isThere ? static_cast<std::size_t>(found - rows_->begin()) : rowCount();
}

double SequenceLayout::heightAt(std::int64_t timeNs) const {
  std::size_t low = 0;
  std::size_t high = rowCount();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (trace_->timeNs(packetAt(middle)) < timeNs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return (static_cast<double>(low) + 0.5) * rowHeight_;
}

std::vector<SequenceLayout::Wait> SequenceLayout::waits(double top, double bottom) const {
  std::vector<Wait> waits;
  if (lanes_.empty() || lanes_.front().kind != Lane::Kind::End || rowCount() == 0) return waits;
  const ConnectionId shown = trace_->observation(packetAt(0)).connection;
  for (const Stall& stall : trace_->stalls()) {
    if (stall.connection != shown) continue;
    const Wait wait{.top = heightAt(stall.startNs),
                    .bottom = heightAt(stall.endNs),
                    .durationNs = stall.endNs - stall.startNs};
    if (wait.bottom >= top && wait.top <= bottom) waits.push_back(wait);
  }
  return waits;
}

}  // namespace vsdump::gui
