// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cli/analysis/analysis.h"
#include "cli/analysis/commands.h"
#include "cli/analysis/names.h"
#include "cli/run/messages.h"
#include "cli/text/timestamp.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// Prints a line for each interval in which something happened.
class Stats final : public Analysis {
 public:
  explicit Stats(const Options& options) : Analysis(options), output_(standardOutput()) {}

  Result<int> print() {
    Result<int> exitCode = run();
    if (!exitCode) return exitCode;
    putInterval();
    putEnd();
    if (Result<void> written = output_.flush(); !written) return tl::unexpected(written.error());
    return exitCode;
  }

 private:
  void observed(const Frame& frame, const Packet&, const Observation&) override {
    const std::uint64_t length = std::uint64_t{options_.intervalSeconds} * kNsPerSecond;
    const std::uint64_t since =  // of a packet behind the start
        static_cast<std::uint64_t>(frame.timestampNs) - static_cast<std::uint64_t>(startNs_);
    if (!hasStarted_) {
      hasStarted_ = true;
      startNs_ = frame.timestampNs;
    } else if (frame.timestampNs >= startNs_ && since >= length) {
      // The packet is in the totals already, and belongs to the next interval.
      const TrackerTotals now = tracker_.totals();
      putInterval();
      startNs_ = frame.timestampNs - static_cast<std::int64_t>(since % length);
      before_ = previous_;
      previous_ = now;
      return;
    }
    previous_ = tracker_.totals();
  }

  void putInterval() {
    if (!hasStarted_) return;
    const TrackerTotals& now = previous_;
    LineBuffer& out = output_.buffer();
    if (options_.json) {
      out.put("{\"record\":\"interval\"");
      putTimeKey(out, "time", startNs_);
      out.put(fmt::format(
          ",\"interval_ns\":{},\"packets\":{},\"bytes\":{},\"connections\":{},"
          "\"opened\":{},\"over\":{},\"refused\":{},\"stalls\":{}}}\n",
          std::uint64_t{options_.intervalSeconds} * kNsPerSecond, now.packets - before_.packets,
          now.bytes - before_.bytes, now.connections - before_.connections,
          now.opened - before_.opened, now.over - before_.over, now.refused - before_.refused,
          now.stalls - before_.stalls));
    } else {
      if (lines_++ == 0) {
        out.put(fmt::format("{:>18} {:>10} {:>12} {:>7} {:>7} {:>7} {:>7}\n", "time", "packets",
                            "bytes", "opened", "over", "refused", "stalls"));
      }
      out.put(' ');
      putEpochSeconds(out, startNs_ - startNs_ % 1'000'000);
      out.put(fmt::format("{:>7} {:>12} {:>7} {:>7} {:>7} {:>7}\n", now.packets - before_.packets,
                          now.bytes - before_.bytes, now.opened - before_.opened,
                          now.over - before_.over, now.refused - before_.refused,
                          now.stalls - before_.stalls));
    }
    before_ = now;
  }

  void putEnd() {
    if (options_.json || !hasStarted_) return;
    std::vector<std::int64_t> handshakes;
    for (const ConnectionRow& row : rows_) {
      if (const auto handshake = row.handshakeNs) handshakes.push_back(*handshake);
    }
    std::ranges::sort(handshakes);
    const auto percentile = [&](std::size_t percent) {
      const std::size_t at = std::min(handshakes.size() * percent / 100, handshakes.size() - 1);
      return durationText(static_cast<std::uint64_t>(handshakes[at]));
    };
    if (handshakes.empty()) return;
    output_.buffer().put(fmt::format("handshake: half within {}, 90 % within {}, 99 % within {}\n",
                                     percentile(50), percentile(90), percentile(99)));
  }

  Output output_;
  TrackerTotals before_;
  TrackerTotals previous_;
  std::int64_t startNs_ = 0;
  std::uint64_t lines_ = 0;
  bool hasStarted_ = false;
};

}  // namespace

Result<int> runStats(const Options& options) {
  return Stats(options).print();
}

}  // namespace vsdump
