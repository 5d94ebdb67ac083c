// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/timeline.h"

#include <algorithm>
#include <cstdint>
#include <functional>

#include "gui/models/frame_window.h"
#include "gui/models/in_flight.h"

namespace vsdump::gui {

namespace {

/// As many as a plot has pixels to tell apart.
constexpr std::size_t kBins = 400;
constexpr double kNsPerSecond = 1e9;
constexpr double kBytesPerKiB = 1024;
/// The most points of credit a direction that are drawn as they are.
constexpr std::size_t kMostPoints = 4000;

/// Some packets of a trace as one list.
class Listed {
 public:
  Listed(const Trace& trace, const Rows& rows) : trace_(trace), rows_(rows) {}
  std::size_t size() const { return rows_ ? rows_->size() : trace_.packetCount(); }
  Row operator[](std::size_t i) const { return rows_ ? (*rows_)[i] : static_cast<Row>(i); }

 private:
  const Trace& trace_;
  const Rows& rows_;
};

/// Times and bins of one plot.
struct Scale {
  std::int64_t originNs = 0;
  std::int64_t firstNs = 0;
  double binNs = 1;

  double seconds(std::int64_t timeNs) const {
    return static_cast<double>(timeNs - originNs) / kNsPerSecond;
  }
  std::size_t binOf(std::int64_t timeNs) const {
    return std::min(static_cast<std::size_t>(static_cast<double>(timeNs - firstNs) / binNs),
                    kBins - 1);
  }
};

Scale scaleOf(const Trace& trace, const Listed& packets) {
  Scale scale{.originNs = trace.timeNs(0), .firstNs = trace.timeNs(packets[0])};
  std::int64_t last = scale.firstNs;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const std::int64_t time = trace.timeNs(packets[i]);
    scale.firstNs = std::min(scale.firstNs, time);
    last = std::max(last, time);
  }
  scale.binNs = std::max(static_cast<double>(last - scale.firstNs) / kBins, 1000.0);
  return scale;
}

/// Keeps of neighbouring points the first by an order, so that a time without credit is not lost,
/// nor the most that was in flight.
template <typename Order>
void thin(std::vector<double>& seconds, std::vector<double>& values, Order order) {
  const std::size_t together = (values.size() + kMostPoints - 1) / kMostPoints;
  if (together < 2) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); i += together) {
    const auto end =
        values.begin() + static_cast<std::ptrdiff_t>(std::min(i + together, values.size()));
    const auto first =
        std::min_element(values.begin() + static_cast<std::ptrdiff_t>(i), end, order);
    seconds[kept] = seconds[static_cast<std::size_t>(first - values.begin())];
    values[kept] = *first;
    ++kept;
  }
  seconds.resize(kept);
  values.resize(kept);
}

ConnectionId onlyConnectionOf(const Trace& trace, const Listed& packets) {
  const ConnectionId connection = trace.observation(packets[0]).connection;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (trace.observation(packets[i]).connection != connection) return kNoConnection;
  }
  return connection;
}

/// Credit, packets in flight and stalls of the only connection.
void addConnection(Timeline& timeline, const Trace& trace, const Listed& packets,
                   const Scale& scale, const std::stop_token& stop) {
  constexpr std::size_t kLookEvery = 4096;
  FrameWindow window(trace);
  std::array<InFlight, 2> inFlight;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i % kLookEvery == 0 && stop.stop_requested()) return;
    const Row packet = packets[i];
    const Observation& seen = trace.observation(packet);
    const double seconds = scale.seconds(trace.timeNs(packet));
    const std::size_t d = index(seen.direction);
    if (seen.credit != Observation::kUnknownCredit) {
      timeline.creditSeconds[d].push_back(seconds);
      timeline.creditKiB[d].push_back(seen.credit / kBytesPerKiB);
    }
    if (seen.isDuplicate || trace.op(packet) == PacketChunk::kNoOp) continue;
    inFlight[d].sent(seen, trace.streamLength(packet));
    inFlight[1 - d].told(dissect(window.frame(packet)).virtio.fwdCnt);
    for (std::size_t way = 0; way < 2; ++way) {
      timeline.inFlightSeconds[way].push_back(seconds);
      timeline.inFlight[way].push_back(static_cast<double>(inFlight[way].packets()));
    }
  }
  for (std::size_t d = 0; d < 2; ++d) {
    thin(timeline.creditSeconds[d], timeline.creditKiB[d], std::less());
    thin(timeline.inFlightSeconds[d], timeline.inFlight[d], std::greater());
  }
  const ConnectionId connection = trace.observation(packets[0]).connection;
  for (const Stall& stall : trace.stalls()) {
    if (stall.connection != connection) continue;
    timeline.stallSeconds.push_back({scale.seconds(stall.startNs), scale.seconds(stall.endNs)});
  }
}

}  // namespace

Timeline timelineOf(const Trace& trace, const Rows& rows, const std::stop_token& stop) {
  Timeline timeline;
  const Listed packets(trace, rows);
  if (packets.size() == 0) return timeline;
  const Scale scale = scaleOf(trace, packets);
  for (auto& rate : timeline.rateKiB) rate.resize(kBins);
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const double middle = (static_cast<double>(bin) + 0.5) * scale.binNs / kNsPerSecond;
    timeline.binSeconds.push_back(scale.seconds(scale.firstNs) + middle);
  }
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i % PacketChunk::kRows == 0 && stop.stop_requested()) return timeline;
    const Row packet = packets[i];
    const Observation& seen = trace.observation(packet);
    const auto d = index(seen.direction);
    const std::int64_t time = trace.timeNs(packet);
    timeline.rateKiB[d][scale.binOf(time)] +=
        trace.streamLength(packet) / kBytesPerKiB / (scale.binNs / kNsPerSecond);
  }
  if (onlyConnectionOf(trace, packets) != kNoConnection) {
    addConnection(timeline, trace, packets, scale, stop);
  }
  return timeline;
}

}  // namespace vsdump::gui
