// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/message_collector.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "dissector/payload/message_text.h"
#include "gui/models/frame_window.h"

namespace vsdump::gui {

namespace {

/// As many connections as the tracker keeps for late packets.
constexpr std::size_t kLingering = TrackerLimits{}.lingering;

std::string requestText(const payload::Message& message) {
  std::string text;
  appendRequestText(text, message);
  return text.substr(message.protocol.size() + 1);
}

std::string replyText(const payload::Message& message) {
  std::string text;
  appendReplyText(text, message);
  if (message.isCut) text += text.empty() ? "not all of it captured" : ", not all of it captured";
  return text;
}

}  // namespace

MessageRow::MessageRow(const payload::Message& message)
    : timeNs(message.timeNs),
      latencyNs(message.latencyNs()),
      packet(message.packet),
      replyPacket(message.replyPacket),
      connection(message.connection),
      direction(message.direction),
      outcome(message.outcome),
      isLongPoll(message.isLongPoll),
      isCut(message.isCut),
      protocol(message.protocol),
      request(requestText(message)),
      reply(replyText(message)) {}

void MessageCollector::take(const Trace& trace, const std::stop_token& stop) {
  constexpr std::size_t kLookEvery = 4096;
  FrameWindow window(trace);
  for (; taken_ < trace.packetCount(); ++taken_) {
    if (taken_ % kLookEvery == 0 && stop.stop_requested()) break;
    const auto row = static_cast<Row>(taken_);
    const Observation& seen = trace.observation(row);
    const ConnectionSummary* summary = trace.connection(seen.connection);
    if (summary == nullptr) continue;
    const Frame frame = window.frame(row);
    const Packet packet = dissect(frame);
    const std::uint32_t id = raw(seen.connection);
    if (id >= beginnings_.size()) beginnings_.resize(id + std::size_t{1});
    Beginning& beginning = beginnings_[id];
    if (seen.beginsConnection) beginning.packet = frame.number;
    if (seen.direction == Direction::ToServer) beginning.clientBuffer = packet.virtio.bufAlloc;
    const Connection connection = connectionOf(*summary, beginning);
    reader_.take(frame, packet, seen, &connection);
    if (!seen.endsConnection) continue;
    over_.push_back(seen.connection);
    if (over_.size() <= kLingering) continue;
    reader_.ended(over_.front());
    over_.pop_front();
  }
  addNew();
}

void MessageCollector::finish() {
  reader_.finish();
  addNew();
  isFinished_ = true;
}

void MessageCollector::addNew() {
  if (new_.empty()) return;
  auto completions = std::make_shared<std::vector<Completion>>();
  if (messages_.completions) *completions = *messages_.completions;
  const auto before = static_cast<std::ptrdiff_t>(completions->size());
  auto number = static_cast<std::uint32_t>(messages_.rows.size());
  for (const MessageRow& message : new_) {
    completions->push_back({.packet = message.packet, .message = number, .isReply = false});
    if (message.replyPacket != FrameNumber{}) {
      completions->push_back({.packet = message.replyPacket, .message = number, .isReply = true});
    }
    ++number;
  }
  const auto isBefore = [](const Completion& a, const Completion& b) {
    return std::tie(a.packet, a.message, a.isReply) < std::tie(b.packet, b.message, b.isReply);
  };
  std::sort(completions->begin() + before, completions->end(), isBefore);
  std::inplace_merge(completions->begin(), completions->begin() + before, completions->end(),
                     isBefore);
  messages_.completions = std::move(completions);
  messages_.rows.append(std::exchange(new_, {}));
}

void MessageCollector::done(const payload::Message& message) {
  if (++all_ <= kMost) new_.emplace_back(message);
}

/// The connection as the tracker had it, in what the reader looks at.
Connection MessageCollector::connectionOf(const ConnectionSummary& summary,
                                          const Beginning& beginning) const {
  Connection connection;
  connection.id = summary.id;
  connection.state = summary.state;
  connection.isPartial = summary.isPartial;
  connection.clientIsLow = true;
  connection.key.lowCid = raw(summary.client.cid);
  connection.key.highCid = raw(summary.server.cid);
  connection.key.type = static_cast<std::uint32_t>(summary.type);
  connection.clientPort = summary.client.port;
  connection.serverCid = summary.server.cid;
  connection.serverPort = summary.server.port;
  connection.startNs = summary.startNs;
  connection.firstPacket = beginning.packet;
  connection.flow(Direction::ToServer).bufAlloc = beginning.clientBuffer;
  return connection;
}

}  // namespace vsdump::gui
