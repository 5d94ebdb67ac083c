// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_tracking.h"

#include <new>
#include <string>
#include <utility>

namespace vsdump {

void PacketTracking::observe(std::span<TrackedPacket> packets) {
  // Far enough for memory to answer, near enough for the answer to be still there.
  constexpr std::size_t kAhead = 8;
  std::swap(news_, newsBefore_);
  news_.clear();
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i + kAhead < packets.size()) tracker_.expect(packets[i + kAhead].packet);
    observe(packets[i]);
  }
}

void PacketTracking::observe(TrackedPacket& tracked) {
  const Packet& packet = tracked.packet;
  PacketContext& context = tracked.context;
  // Made in its place, as tracker.cpp says.
  new (&context.seen) Observation(tracker_.observe(*tracked.frame, packet));
  if (!found_.empty()) tellFound(context);
  Known& known = known_[raw(context.seen.connection) % kPlaces];
  const bool mayAnswer = packet.virtio.op == VirtioOp::Response || context.seen.endsConnection;
  if (known.connection == context.seen.connection && !mayAnswer) {
    context.service = known.service;
    return;
  }
  const Connection* const c = tracker_.current();
  if (c == nullptr) return;
  if (messages_ && messages_->take(*tracked.frame, packet, context.seen, c)) {
    newsOf(context).messages = messages_->takeText();
  }
  if (naming_) {
    context.service = naming_->services.of(c->type(), c->client().cid, c->serverAddress());
    const std::string_view protocol = messages_ ? messages_->protocolOf(c->id) : std::string_view();
    if (!protocol.empty()) context.service = context.service.orRecognised(protocol);
  }
  if (mayAnswer) tellAnswer(*c, packet, context);
  if (!messages_ || messages_->isPlain(c->id)) known = {c->id, context.service};
}

void PacketTracking::tellAnswer(const Connection& c, const Packet& packet, PacketContext& context) {
  const Flow& answers = c.flow(Direction::ToClient);
  const bool isAccepted =
      packet.virtio.op == VirtioOp::Response && c.openNs != Flow::kNever && answers.packets == 1;
  const bool isRefused = context.seen.endsConnection && c.state == ConnectionState::Refused;
  if (!(isAccepted || isRefused) || c.isPartial || context.seen.isDuplicate) return;
  PacketNews& news = newsOf(context);
  news.answersRequest = true;
  news.answerNs = static_cast<std::uint64_t>(answers.lastNs - c.startNs);
}

void PacketTracking::tellFound(PacketContext& context) {
  for (const PacketNews::Elsewhere& finding : found_) {
    // What is odd about a record without a connection is said of each such record.
    if (finding.connection == kNoConnection && finding.code >= FindingCode::FirstAnomaly) continue;
    PacketNews& news = newsOf(context);
    if (finding.connection == context.seen.connection && context.isTracked()) {
      news.findings |= std::uint64_t{1} << static_cast<unsigned>(finding.code);
    } else if (news.listed < news.elsewhere.size()) {
      news.elsewhere[news.listed++] = finding;
    } else {
      ++news.unlisted;
    }
  }
  found_.clear();
}

PacketNews& PacketTracking::newsOf(PacketContext& context) {
  if (context.news == nullptr) context.news = &news_.emplace_back();
  return news_.back();
}

}  // namespace vsdump
