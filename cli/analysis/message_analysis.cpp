// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/message_analysis.h"

#include "cli/run/messages.h"
#include "dissector/text/quantity.h"

namespace vsdump {

void MessageAnalysis::observed(const Frame& frame, const Packet& packet, const Observation& seen) {
  reader_.take(frame, packet, seen, tracker_.current());
  if (!held_.empty() && isSelected(seen.connection)) release(seen.connection);
}

void MessageAnalysis::ended(const Connection& connection) {
  reader_.ended(connection.id);
  if (const auto held = held_.find(connection.id); held != held_.end()) {
    heldCount_ -= held->second.size();
    held_.erase(held);
  }
  Analysis::ended(connection);
}

void MessageAnalysis::done(const payload::Message& message) {
  if (message.isChosen || isSelected(message.connection)) return completed(message);
  if (heldCount_ >= kMostHeld) {
    ++unheld_;
    return;
  }
  ++heldCount_;
  held_[message.connection].push_back(message);
}

/// The filter has selected a packet of this connection: its messages are told from here on.
void MessageAnalysis::release(ConnectionId id) {
  const auto held = held_.find(id);
  if (held == held_.end()) return;
  for (const payload::Message& message : held->second) completed(message);
  heldCount_ -= held->second.size();
  held_.erase(held);
}

void MessageAnalysis::sayLimits() const {
  const payload::PayloadTotals& totals = reader_.totals();
  if (totals.cutMessages != 0) {
    say(counted(totals.cutMessages, "message") +
        " longer than the 1 MiB that is kept of one: the first part was decoded");
  }
  if (totals.droppedStreams != 0) {
    say(counted(totals.droppedStreams, "connection") +
        " not decoded any further: the messages that were begun at once took too much memory");
  }
  if (unheld_ != 0) {
    say(counted(unheld_, "message") +
        " could not be kept until the filter may select their connections; a filter of CIDs and "
        "ports selects at once");
  }
}

}  // namespace vsdump
