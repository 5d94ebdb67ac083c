// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_tracking.h"

namespace vsdump {

void PacketTracking::observe(const Frame& frame, const Packet& packet, PacketContext& context) {
  context.seen = tracker_.observe(frame, packet);
  for (const PacketContext::Elsewhere& finding : found_) {
    // What is odd about a record without a connection is said of each such record.
    if (finding.connection == kNoConnection && finding.code >= FindingCode::FirstAnomaly) continue;
    if (finding.connection == context.seen.connection && context.isTracked()) {
      context.findings |= std::uint64_t{1} << static_cast<unsigned>(finding.code);
    } else if (context.listed < context.elsewhere.size()) {
      context.elsewhere[context.listed++] = finding;
    } else {
      ++context.unlisted;
    }
  }
  found_.clear();
  const Connection* const c = tracker_.current();
  if (c == nullptr) return;
  if (messages_) context.messages = messages_->take(frame, packet, context.seen, c);
  if (naming_) {
    context.service = naming_->services.of(c->type(), c->client().cid, c->serverAddress());
    const std::string_view protocol = messages_ ? messages_->protocolOf(c->id) : std::string_view();
    if (!protocol.empty()) context.service = context.service.orRecognised(protocol);
  }
  const bool isAccepted = c->openNs != Flow::kNever && packet.virtio.op == VirtioOp::Response &&
                          c->flow(Direction::ToClient).packets == 1;
  const bool isRefused = context.seen.endsConnection && c->state == ConnectionState::Refused;
  if ((isAccepted || isRefused) && !c->isPartial && !context.seen.isDuplicate) {
    context.answersRequest = true;
    context.answerNs = static_cast<std::uint64_t>(c->flow(Direction::ToClient).lastNs - c->startNs);
  }
}

}  // namespace vsdump
