// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/finding_book.h"

#include <fmt/format.h>

namespace vsdump {

namespace {

bool isWait(FindingCode code) {
  return code == FindingCode::CreditStall || code == FindingCode::CreditStuck ||
         code == FindingCode::CreditExhausted || code == FindingCode::PossiblyBlocked;
}

}  // namespace

void FindingBook::add(const Finding& finding) {
  const Key key{finding.connection, finding.code};
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    if (groups_.size() >= kMostGroups) {
      ++unlisted_;
      return;
    }
    found = groups_.emplace(key, FindingGroup{}).first;
  }
  FindingGroup& group = found->second;
  const bool isLonger = isWait(finding.code) && finding.values[0] > group.first.values[0];
  if (group.count++ == 0 || isLonger) group.first = finding;
  if (isWait(finding.code)) group.totalNs += finding.values[0];
  for (std::uint8_t i = 0; i < finding.packetCount; ++i) {
    if (group.packets.size() < FindingGroup::kMostPackets) {
      group.packets.push_back(finding.packets[i]);
    }
  }
}

void FindingBook::drop(ConnectionId connection) {
  const auto first = groups_.lower_bound({connection, FindingCode{}});
  auto last = first;
  while (last != groups_.end() && last->first.first == connection) ++last;
  groups_.erase(first, last);
}

std::string FindingBook::notesOf(ConnectionId connection) const {
  std::string notes;
  eachCode(connection, [&](FindingCode code, const FindingGroup& group) {
    if (!notes.empty()) notes += ", ";
    notes += describe(code).code;
    if (group.count > 1) notes += fmt::format(" x{}", group.count);
  });
  return notes;
}

}  // namespace vsdump
