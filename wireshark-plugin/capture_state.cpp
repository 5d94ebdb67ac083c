// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/capture_state.h"

#include <algorithm>
#include <new>

namespace vsdump {

namespace {

std::unique_ptr<CaptureState> openState;

ResetCause causeOf(const Connection& c, Direction direction, bool wasOver) {
  if (wasOver) return ResetCause::Late;
  switch (c.state) {
    case ConnectionState::Refused:
      return ResetCause::Refused;
    case ConnectionState::Unanswered:
      return ResetCause::GaveUp;
    case ConnectionState::Closed:
      return c.flow(opposite(direction)).shutdownFlags == 0 ? ResetCause::Waited
                                                            : ResetCause::Closed;
    default:
      return ResetCause::Broken;
  }
}

/// The packet that a finding is shown at: the newest of those that prove it.
std::uint32_t anchorOf(const Finding& finding) {
  std::uint64_t newest = 0;
  for (std::uint8_t i = 0; i < finding.packetCount; ++i) {
    newest = std::max(newest, raw(finding.packets[i]));
  }
  return static_cast<std::uint32_t>(newest);
}

std::uint8_t protocolNumber(std::string_view name) {
  if (name.empty()) return FrameFacts::kNoProtocol;
  const auto all = payload::protocols();
  const auto found = std::ranges::find(all, name, &payload::Protocol::name);
  return found == all.end() ? FrameFacts::kNoProtocol
                            : static_cast<std::uint8_t>(found - all.begin());
}

}  // namespace

const FrameFacts* CaptureState::factsOf(const Frame& frame, const Packet& packet) {
  const auto number = static_cast<std::uint32_t>(raw(frame.number));
  if (number < frames_.size() || isFinished_) return knownFacts(number);
  frames_.resize(std::size_t{number} + 1);
  observing_ = number;
  FrameFacts& facts = frames_.back();
  facts.isSeen = true;
  facts.seen = tracker_.observe(frame, packet);
  if (facts.seen.connection == kNoConnection) return &facts;
  keep(number, facts, packet, frame.timestampNs);
  messages_.observe(number);
  reader_.take(frame, packet, facts.seen, tracker_.current());
  facts.protocol = protocolNumber(reader_.protocolOf(facts.seen.connection));
  return &facts;
}

void CaptureState::keep(std::uint32_t frame, FrameFacts& facts, const Packet& packet,
                        std::int64_t timeNs) {
  const Connection* c = tracker_.current();
  if (c == nullptr) return;
  const std::size_t id = raw(c->id);
  if (id >= connections_.size()) connections_.resize(id + 1);
  ConnectionFacts& kept = connections_[id];
  const bool wasOver = kept.lastFrame != 0 && isOver(kept.state);
  if (kept.firstFrame == 0) {
    kept.firstFrame = frame;
    kept.startNs = timeNs;
    kept.type = c->type();
  } else {
    facts.previousFrame = kept.lastFrame;
    facts.sincePreviousNs = timeNs - kept.lastNs;
  }
  kept.client = c->client();
  kept.server = c->serverAddress();
  if (packet.virtio.op == VirtioOp::Rst && !facts.seen.isDuplicate) {
    facts.cause = causeOf(*c, facts.seen.direction, wasOver);
    facts.causeFrame = facts.previousFrame;
    if (facts.cause == ResetCause::Late) facts.causeFrame = kept.endFrame;
    if (facts.cause == ResetCause::Refused || facts.cause == ResetCause::GaveUp) {
      facts.causeFrame = kept.firstFrame == frame ? 0 : kept.firstFrame;
    }
    const bool isClose = facts.cause == ResetCause::Closed || facts.cause == ResetCause::Waited;
    if (isClose && raw(c->shutdownPacket) != 0) {
      facts.causeFrame = static_cast<std::uint32_t>(raw(c->shutdownPacket));
    }
  }
  if (kept.openFrame == 0 && c->handshakeNs()) {
    kept.openFrame = frame;
    kept.handshakeNs = *c->handshakeNs();
  }
  if (kept.endFrame == 0 && isOver(c->state)) kept.endFrame = frame;
  kept.state = facts.state = c->state;
  kept.lastFrame = frame;
  kept.lastNs = timeNs;
}

const FrameFacts* CaptureState::knownFacts(std::uint32_t frame) const {
  return frame < frames_.size() && frames_[frame].isSeen ? &frames_[frame] : nullptr;
}

const ConnectionFacts* CaptureState::connection(ConnectionId id) const {
  return raw(id) < connections_.size() ? &connections_[raw(id)] : nullptr;
}

std::span<const std::uint32_t> CaptureState::findingsOf(std::uint32_t frame) const {
  const auto found = findingsByFrame_.find(frame);
  if (found == findingsByFrame_.end()) return {};
  return found->second;
}

void CaptureState::finish() {
  if (isFinished_) return;
  isFinished_ = true;
  tracker_.finish();
  reader_.finish();
}

void CaptureState::found(const Finding& finding) {
  if (finding.number >= findings_.size()) findings_.resize(std::size_t{finding.number} + 1);
  findings_[finding.number] = finding;
  // What is wrong with single records is told with each of them, not once a connection.
  if (finding.code >= FindingCode::FirstAnomaly) return;
  const std::uint32_t anchor = finding.packetCount != 0 ? anchorOf(finding) : observing_;
  findingsByFrame_[anchor].push_back(finding.number);
}

CaptureState* captureState() {
  return openState.get();
}

void resetCaptureState(payload::DecodeAs decodeAs) {
  openState.reset();
  openState.reset(new (std::nothrow) CaptureState(std::move(decodeAs)));
}

void dropCaptureState() {
  openState.reset();
}

void finishCaptureState() {
  if (!openState) return;
  try {
    openState->finish();
  } catch (const std::bad_alloc&) {
    dropCaptureState();
  }
}

}  // namespace vsdump
