// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dissector/connection/finding.h"

namespace vsdump {

/// One finding, or those of one kind about one connection: a thousand stalls are one line.
struct FindingGroup {
  Finding first{};  ///< the one that lasted longest, among stalls
  std::uint64_t count = 0;
  std::uint64_t totalNs = 0;           ///< of stalls
  std::vector<FrameNumber> packets{};  ///< at most kMostPackets
  static constexpr std::size_t kMostPackets = 12;
};

/// What was found, by connection and kind, in bounded memory.
class FindingBook {
 public:
  /// Connections and kinds that are kept apart; what comes after them is counted only.
  static constexpr std::size_t kMostGroups = 100'000;
  using Key = std::pair<ConnectionId, FindingCode>;

  void add(const Finding& finding);

  /// Forgets what was found about a connection, which nobody asks for any more.
  void drop(ConnectionId connection);

  const std::map<Key, FindingGroup>& groups() const { return groups_; }

  /// Findings that found no room.
  std::uint64_t unlisted() const { return unlisted_; }

  /// "connect-refused, credit-stall x3": what was found about a connection.
  std::string notesOf(ConnectionId connection) const;

  /// Calls `take` with the code of each kind of finding about a connection.
  template <typename Take>
  void eachCode(ConnectionId connection, Take&& take) const {
    for (auto at = groups_.lower_bound({connection, FindingCode{}});
         at != groups_.end() && at->first.first == connection; ++at) {
      take(at->first.second, at->second);
    }
  }

 private:
  std::map<Key, FindingGroup> groups_;
  std::uint64_t unlisted_ = 0;
};

}  // namespace vsdump
