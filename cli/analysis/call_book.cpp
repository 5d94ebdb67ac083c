// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/call_book.h"

#include <algorithm>

namespace vsdump {

std::uint64_t CallGroup::percentileNs(std::uint64_t percent) const {
  return std::min(latencies.percentile(percent), slowestNs);
}

void CallBook::add(const payload::Message& message) {
  if (message.outcome == payload::Outcome::OneWay) return;
  const Key key{message.protocol, message.call};
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    if (groups_.size() >= kMostGroups) {
      ++unlisted_;
      return;
    }
    found = groups_.emplace(key, CallGroup{}).first;
  }
  CallGroup& group = found->second;
  ++group.count;
  if (message.outcome == payload::Outcome::Error) ++group.failed;
  if (message.outcome == payload::Outcome::Unanswered) ++group.unanswered;
  const auto latency = message.latencyNs();
  if (!latency || message.isLongPoll) return;
  group.latencies.add(*latency);
  if (*latency < group.slowestNs) return;
  group.slowestNs = *latency;
  group.slowestConnection = message.connection;
  group.slowestPacket = message.packet;
}

}  // namespace vsdump
