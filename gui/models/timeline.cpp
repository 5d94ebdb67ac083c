// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/timeline.h"

#include <algorithm>
#include <cstdint>

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

/// Keeps the least of neighbouring points, so that a time without credit is not lost.
void thin(std::vector<double>& seconds, std::vector<double>& values) {
  const std::size_t together = (values.size() + kMostPoints - 1) / kMostPoints;
  if (together < 2) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); i += together) {
    const auto end =
        values.begin() + static_cast<std::ptrdiff_t>(std::min(i + together, values.size()));
    const auto least = std::min_element(values.begin() + static_cast<std::ptrdiff_t>(i), end);
    seconds[kept] = seconds[static_cast<std::size_t>(least - values.begin())];
    values[kept] = *least;
    ++kept;
  }
  seconds.resize(kept);
  values.resize(kept);
}

}  // namespace

Timeline timelineOf(const Trace& trace, const Rows& rows, const std::stop_token& stop) {
  Timeline timeline;
  const Listed packets(trace, rows);
  if (packets.size() == 0) return timeline;
  const Scale scale = scaleOf(trace, packets);
  const ConnectionId connection = trace.observation(packets[0]).connection;
  bool isOne = connection != kNoConnection;
  for (std::size_t i = 0; isOne && i < packets.size(); ++i) {
    isOne = trace.observation(packets[i]).connection == connection;
  }
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
    if (isOne && seen.credit != Observation::kUnknownCredit) {
      timeline.creditSeconds[d].push_back(scale.seconds(time));
      timeline.creditKiB[d].push_back(seen.credit / kBytesPerKiB);
    }
  }
  for (std::size_t d = 0; d < 2; ++d) thin(timeline.creditSeconds[d], timeline.creditKiB[d]);
  for (const Stall& stall : trace.stalls()) {
    if (isOne && stall.connection == connection) {
      timeline.stallSeconds.push_back({scale.seconds(stall.startNs), scale.seconds(stall.endNs)});
    }
  }
  return timeline;
}

}  // namespace vsdump::gui
