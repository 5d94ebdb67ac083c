// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/announcements.h"

#include <utility>

namespace vsdump::payload {

void Announcements::add(const End& end, Announcement announcement) {
  if (known_.size() >= kMost && !known_.contains(end.key())) known_.erase(known_.begin());
  known_.insert_or_assign(end.key(), std::move(announcement));
}

const Announcements::Announcement* Announcements::of(const StreamFacts& facts) const {
  if (known_.empty()) return nullptr;
  for (const bool isServer : {false, true}) {
    const Address& here = isServer ? facts.server : facts.client;
    const Address& there = isServer ? facts.client : facts.server;
    const auto found = known_.find(End{facts.source, facts.type, here, isServer}.key());
    if (found == known_.end()) continue;
    const Port peer = found->second.peerPort;
    if (peer == Port{} || peer == there.port || facts.isOfTsisHost) return &found->second;
  }
  return nullptr;
}

}  // namespace vsdump::payload
