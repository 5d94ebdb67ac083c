// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "cli/analysis/duration_histogram.h"
#include "dissector/payload/message.h"

namespace vsdump {

/// How the requests of one kind fared, on all connections.
struct CallGroup {
  std::uint64_t count = 0;
  std::uint64_t failed = 0;      ///< answered with an error
  std::uint64_t unanswered = 0;  ///< those whose reply the capture may lack are not counted here
  DurationHistogram latencies;   ///< of those that do not wait for an event
  std::uint64_t slowestNs = 0;
  ConnectionId slowestConnection = kNoConnection;
  FrameNumber slowestPacket{};  ///< that completed the slowest request

  /// A latency that `percent` of them do not exceed, rounded up by at most a sixteenth.
  std::uint64_t percentileNs(std::uint64_t percent) const;
};

/// How requests fared by protocol and call, in bounded memory.
class CallBook {
 public:
  /// What is kept apart, as hostile traffic may call anything.
  static constexpr std::size_t kMostGroups = 1000;
  using Key = std::pair<std::string_view, std::string>;  ///< protocol, call

  /// Messages that ask for nothing are passed over.
  void add(const payload::Message& message);

  const std::map<Key, CallGroup>& groups() const { return groups_; }

  /// Requests that found no room.
  std::uint64_t unlisted() const { return unlisted_; }

 private:
  std::map<Key, CallGroup> groups_;
  std::uint64_t unlisted_ = 0;
};

}  // namespace vsdump
