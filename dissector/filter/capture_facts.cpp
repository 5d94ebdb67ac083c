// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/capture_facts.h"

#include <algorithm>

#include "dissector/filter/needs.h"
#include "dissector/wire/packet.h"

namespace vsdump::filter {

CaptureFacts::CaptureFacts(const Expression& expression)
    : wanted_(findingsOfPackets(expression)), tracker_(*this) {}

void CaptureFacts::take(const Frame& frame) {
  // Files that are read one after the other each count from 1: the place does not.
  Frame numbered = frame;
  numbered.number = FrameNumber{++places_};
  tracker_.observe(numbered, dissect(numbered));
}

void CaptureFacts::finish() {
  tracker_.finish();
  std::ranges::sort(provenHere_);
}

void CaptureFacts::ended(const Connection& connection) {
  const std::size_t id = raw(connection.id);
  if (id >= connections_.size()) connections_.resize(id + id / 2 + 64);
  connections_[id] = {.findings = connection.findings, .states = statesOf(connection)};
}

void CaptureFacts::found(const Finding& finding) {
  if ((wanted_ & setOf(finding.code)) == 0) return;
  for (std::uint8_t i = 0; i < finding.packetCount; ++i) {
    provenHere_.emplace_back(finding.packets[i], setOf(finding.code));
  }
}

void CaptureFacts::addTo(Facts& facts, FrameNumber place) const {
  if (const std::size_t id = raw(facts.connection); id < connections_.size()) {
    facts.findings = connections_[id].findings;
    facts.states = connections_[id].states;
  }
  for (auto here = std::ranges::lower_bound(provenHere_, std::pair(place, FindingSet{0}));
       here != provenHere_.end() && here->first == place; ++here) {
    facts.proven |= here->second;
  }
}

}  // namespace vsdump::filter
