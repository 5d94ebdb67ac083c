// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/analysis/analysis.h"
#include "cli/analysis/commands.h"
#include "cli/analysis/duration_histogram.h"
#include "cli/analysis/names.h"
#include "cli/run/messages.h"
#include "cli/text/timestamp.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// What went to a port, over all connections that are over or were open at the end.
struct PortStats {
  std::uint64_t packets = 0;
  std::array<std::uint64_t, 2> bytes{};
  std::uint64_t connections = 0;
  std::uint64_t opened = 0;
  std::uint64_t over = 0;
  std::uint64_t refused = 0;
  std::uint64_t stalls = 0;
  std::unique_ptr<DurationHistogram> handshakes = std::make_unique<DurationHistogram>();

  void add(const ConnectionRow& row) {
    for (std::size_t d = 0; d < bytes.size(); ++d) {
      packets += row.ways[d].packets;
      bytes[d] += row.ways[d].bytes;
    }
    ++connections;
    opened += row.handshakeNs ? 1 : 0;
    over += isOver(row.state) ? 1 : 0;
    refused += row.state == ConnectionState::Refused ? 1 : 0;
    stalls += row.stalls;
    if (row.handshakeNs) handshakes->add(static_cast<std::uint64_t>(*row.handshakeNs));
  }
};

/// Prints a line for each interval in which something happened, and one for each port at the end.
class Stats final : public Analysis {
 public:
  explicit Stats(const Options& options) : Analysis(options), output_(standardOutput()) {
    mostRows_ = 0;
  }

  Result<int> print() {
    Result<void> read = run();
    if (!read) return tl::unexpected(std::move(read.error()));
    putInterval();
    putPorts();
    if (Result<void> written = output_.flush(); !written) return tl::unexpected(written.error());
    return kExitDone;
  }

 private:
  /// Ports that are kept apart, as hostile traffic may try them all; the others are one line.
  static constexpr std::size_t kMostPorts = 4096;

  void closed(const ConnectionRow& row) override {
    const auto known = ports_.find(row.server.port);
    if (known != ports_.end()) return known->second.add(row);
    if (ports_.size() >= kMostPorts) return otherPorts_.add(row);
    ports_[row.server.port].add(row);
    services_.emplace(row.server.port, serviceOf(row));
  }

  bool isDone() const override { return output_.closed(); }

  std::uint64_t lengthNs() const { return std::uint64_t{options_.intervalSeconds} * kNsPerSecond; }

  void observed(const Frame& frame, const Packet&, const Observation&) override {
    if (!hasStarted_) {
      hasStarted_ = true;
      startNs_ = frame.timestampNs;
    } else if (isBehindInterval(frame.timestampNs)) {
      // The packet is in the totals already, and belongs to the next interval.
      const TrackerTotals now = tracker_.totals();
      putInterval();
      beginIntervalAt(frame.timestampNs);
      previous_ = now;
      return;
    }
    previous_ = tracker_.totals();
  }

  bool isBehindInterval(std::int64_t timeNs) const {
    return timeNs >= startNs_ &&
           static_cast<std::uint64_t>(timeNs) - static_cast<std::uint64_t>(startNs_) >= lengthNs();
  }

  /// The interval that holds this time; all begin a whole number of them after the first.
  void beginIntervalAt(std::int64_t timeNs) {
    const std::uint64_t since =
        static_cast<std::uint64_t>(timeNs) - static_cast<std::uint64_t>(startNs_);
    startNs_ = timeNs - static_cast<std::int64_t>(since % lengthNs());
    isPrinted_ = false;
  }

  Result<void> tick(std::int64_t nowNs) override {
    if (hasStarted_ && isBehindInterval(nowNs)) {
      previous_ = tracker_.totals();
      putInterval();
      isPrinted_ = true;
    }
    return output_.flush();
  }

  void putInterval() {
    if (!hasStarted_ || isPrinted_) return;
    const TrackerTotals& now = previous_;
    LineBuffer& out = output_.buffer();
    if (options_.json) {
      out.put("{\"record\":\"interval\"");
      putTimeKey(out, "time", startNs_);
      out.put(fmt::format(
          ",\"interval_ns\":{},\"packets\":{},\"bytes\":{},\"connections\":{},"
          "\"opened\":{},\"over\":{},\"refused\":{},\"stalls\":{}}}\n",
          lengthNs(), now.packets - before_.packets, now.bytes - before_.bytes,
          now.connections - before_.connections, now.opened - before_.opened,
          now.over - before_.over, now.refused - before_.refused, now.stalls - before_.stalls));
    } else {
      if (lines_++ == 0) {
        out.put(fmt::format("{:>18} {:>10} {:>12} {:>12} {:>6} {:>5} {:>7} {:>6}\n", "time",
                            "packets", "bytes", "a second", "opened", "over", "refused", "stalls"));
      }
      out.put(' ');
      putEpochSeconds(out, startNs_ - startNs_ % 1'000'000);
      const std::uint64_t bytes = now.bytes - before_.bytes;
      out.put(fmt::format(
          "{:>9} {:>12} {:>12} {:>6} {:>5} {:>7} {:>6}\n", grouped(now.packets - before_.packets),
          sizeText(bytes), sizeText(bytes / options_.intervalSeconds), now.opened - before_.opened,
          now.over - before_.over, now.refused - before_.refused, now.stalls - before_.stalls));
    }
    before_ = now;
  }

  void putPorts() {
    // The busiest first.
    std::vector<std::pair<const Port, PortStats>*> order;
    for (auto& port : ports_) order.push_back(&port);
    std::ranges::stable_sort(order, [](const auto* a, const auto* b) {
      return a->second.bytes[0] + a->second.bytes[1] > b->second.bytes[0] + b->second.bytes[1];
    });
    if (!options_.json && !order.empty()) {
      output_.buffer().put(fmt::format(
          "\n{:>10} {:>9} {:>10} {:>10} {:>11} {:>6} {:>7} {:>6}  {}\n", "port", "packets",
          "to server", "to client", "a second", "opened", "refused", "stalls", "service"));
    }
    for (const auto* port : order) {
      putPort(fmt::format("{}", raw(port->first)), port->second, services_[port->first]);
    }
    if (otherPorts_.connections != 0) putPort(options_.json ? "null" : "others", otherPorts_, {});
  }

  void putPort(const std::string& port, const PortStats& p, ServiceName service) {
    LineBuffer& out = output_.buffer();
    const DurationHistogram& times = *p.handshakes;
    const std::uint64_t lastedNs = std::max<std::uint64_t>(
        static_cast<std::uint64_t>(lastNs_) - static_cast<std::uint64_t>(firstNs_), 1);
    const auto perSecond = static_cast<std::uint64_t>(static_cast<double>(p.bytes[0] + p.bytes[1]) /
                                                      (static_cast<double>(lastedNs) / 1e9));
    if (options_.json) {
      out.put(fmt::format(
          "{{\"record\":\"port\",\"port\":{},\"packets\":{},\"to_server\":{{\"bytes\":{}}},"
          "\"to_client\":{{\"bytes\":{}}},\"connections\":{},\"opened\":{},\"over\":{},"
          "\"refused\":{},\"stalls\":{}",
          port, p.packets, p.bytes[0], p.bytes[1], p.connections, p.opened, p.over, p.refused,
          p.stalls));
      for (const unsigned percent : {50U, 90U, 99U}) {
        out.put(times.count() == 0
                    ? fmt::format(",\"handshake_p{}_ns\":null", percent)
                    : fmt::format(",\"handshake_p{}_ns\":{}", percent, times.percentile(percent)));
      }
      return out.put("}\n");
    }
    std::string name;
    if (!service.name.empty() && !options_.numericNames) {
      name = std::string(service.name) + (service.isGuess ? "?" : "");
    }
    std::string line = fmt::format("{:>10} {:>9} {:>10} {:>10} {:>11} {:>6} {:>7} {:>6}  {}", port,
                                   grouped(p.packets), sizeText(p.bytes[0]), sizeText(p.bytes[1]),
                                   sizeText(perSecond), p.opened, p.refused, p.stalls, name);
    line.resize(line.find_last_not_of(' ') + 1);
    out.put(line);
    out.put('\n');
    if (times.count() == 0) return;
    out.put(fmt::format("{:>10} handshake: half within {}, 90 % within {}, 99 % within {}\n", "",
                        durationText(times.percentile(50)), durationText(times.percentile(90)),
                        durationText(times.percentile(99))));
  }

  Output output_;
  std::map<Port, PortStats> ports_;
  std::map<Port, ServiceName> services_;
  PortStats otherPorts_;
  TrackerTotals before_;
  TrackerTotals previous_;
  std::int64_t startNs_ = 0;
  std::uint64_t lines_ = 0;
  bool hasStarted_ = false;
  bool isPrinted_ = false;  // of the current interval: its time has passed
};

}  // namespace

Result<int> runStats(const Options& options) {
  return Stats(options).print();
}

}  // namespace vsdump
