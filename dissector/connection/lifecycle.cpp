// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the tracker that knows how connections begin and end.
#include <algorithm>

#include "dissector/connection/credit.h"
#include "dissector/connection/tracker.h"
#include "dissector/connection/tracker_parts.h"

namespace vsdump {

namespace {

constexpr std::uint32_t kShutdownBoth = kShutdownReceive | kShutdownSend;
/// The kernel waits 8 s for the answer to SHUTDOWN (VSOCK_CLOSE_TIMEOUT); timers may be early.
constexpr std::int64_t kCloseTimeoutNs = 7 * kSecondNs;
constexpr std::size_t kMostServers = 65536;

/// Whether either side sends it only after the RESPONSE, whose record is late or missing then.
bool isOfOpenConnection(VirtioOp op) {
  return op == VirtioOp::Shutdown || op == VirtioOp::Rw || op == VirtioOp::CreditUpdate ||
         op == VirtioOp::CreditRequest;
}

}  // namespace

void ConnectionTracker::takeOp(Connection& c, Direction d, const VirtioHeader& header,
                               std::int64_t now) {
  if (isOver(c.state)) return;
  if (c.state == ConnectionState::Requested && isOfOpenConnection(header.op)) opened(c, now);
  switch (header.op) {
    case VirtioOp::Response:
    case VirtioOp::TsiResponseEx:
      return onResponse(c, d, now);
    case VirtioOp::Shutdown:
      return onShutdown(c, d, header.flags, now);
    case VirtioOp::Rst:
      return onReset(c, d, header, now);
    case VirtioOp::CreditRequest:
      c.flow(d).hasOpenCreditRequest = true;
      return expectCredit(c, now);
    default:
      return;
  }
}

/// Finds or makes the row of the server that a REQUEST goes to.
void ConnectionTracker::findServer(Connection& c) {
  ConnectionKey key{.lowCid = c.key.lowCid == c.key.highCid ? c.key.lowCid : raw(c.serverCid),
                    .lowPort = raw(c.serverPort),
                    .source = c.key.source,
                    .type = c.key.type};
  const std::uint32_t hash = hash_(key);
  c.server = serverTable_.find(hash, [&](auto i) { return servers_[i].key == key; });
  if (c.server != KeyTable::kNone || servers_.size() >= kMostServers) return;
  c.server = static_cast<std::uint32_t>(servers_.size());
  servers_.push_back(Server{.key = key});
  serverTable_.insert(hash, c.server);
}

void ConnectionTracker::onResponse(Connection& c, Direction d, std::int64_t now) {
  if (d != Direction::ToClient) return;
  if (c.state != ConnectionState::Requested) {
    if (c.openNs != Flow::kNever) {
      raiseOnce(c, FindingCode::CidCollision, now, {frame_}, {.direction = d});
    }
    c.openNs = now;
    return;
  }
  c.openNs = now;
  opened(c, now);
}

void ConnectionTracker::opened(Connection& c, std::int64_t now) {
  c.state = ConnectionState::Open;
  ++totals_.opened;
  if (c.server >= servers_.size()) return;
  Server& server = servers_[c.server];
  ++server.opened;
  server.wasOpen = true;
  if (server.failures != 0) {
    raise(c, FindingCode::LateStart, now, {server.firstFailure, c.firstPacket, frame_},
          {.values = {server.failures, server.refusals,
                      static_cast<std::uint64_t>(now - server.firstFailureNs)}});
  }
  server.failures = server.refusals = 0;
}

void ConnectionTracker::onShutdown(Connection& c, Direction d, std::uint32_t flags,
                                   std::int64_t now) {
  Flow& own = c.flow(d);
  const Flow& other = c.flow(opposite(d));
  own.shutdownFlags = static_cast<std::uint8_t>(own.shutdownFlags | (flags & kShutdownBoth));
  if (own.wait != Flow::Wait::None && (flags & kShutdownSend) != 0) {
    endWait(c, d, now, EndedBy::Shutdown, false);
  }
  if (own.shutdownFlags == kShutdownBoth && c.shutdownNs == Flow::kNever) {
    c.shutdownNs = now;
    c.shutdownPacket = frame_;
    c.endedBy = senderOf(d);
  }
  const bool ownEnds = (own.shutdownFlags & kShutdownSend) != 0;
  const bool otherEnds = (other.shutdownFlags & kShutdownSend) != 0;
  if (own.shutdownFlags == kShutdownBoth || other.shutdownFlags == kShutdownBoth ||
      (ownEnds && otherEnds)) {
    c.state = ConnectionState::Closing;
  } else if (ownEnds) {
    c.state = d == Direction::ToServer ? ConnectionState::HalfClosedByClient
                                       : ConnectionState::HalfClosedByServer;
  }
}

void ConnectionTracker::onReset(Connection& c, Direction d, const VirtioHeader& header,
                                std::int64_t now) {
  const Flow& own = c.flow(d);
  const Flow& other = c.flow(opposite(d));
  settleDoubt(c, d, now, true);
  settleDoubt(c, opposite(d), now, true);
  const FrameNumber asked = c.firstPacket == frame_ ? FrameNumber{} : c.firstPacket;
  if (c.state == ConnectionState::Requested) {
    if (d == Direction::ToServer) {
      if (!c.has(FindingCode::ConnectUnanswered)) unanswered(c, now);
      return over(c, ConnectionState::Unanswered, Side::Client, now);
    }
    refused(c, now);
    return over(c, ConnectionState::Refused, Side::Server, now);
  }
  if (c.isPartial && own.packets == 1 && other.packets != 0 && !hasCounters(header) &&
      other.shutdownFlags == 0) {
    raise(c, FindingCode::StalePeer, now, {asked, frame_}, {.direction = opposite(d)});
    return over(c, ConnectionState::Reset, senderOf(d), now);
  }
  if (d == Direction::ToServer && c.openNs != Flow::kNever && !hasCounters(header) &&
      own.packets == 2 && other.packets == 1 && !c.isPartial && c.openNs - c.startNs >= kPromptNs) {
    // The client's only packets are REQUEST and this: it knew nothing of the connection any more.
    raise(c, FindingCode::ConnectUnanswered, now, {asked, other.lastPacket, frame_},
          {.detail = FindingDetail::AnsweredTooLate,
           .values = {static_cast<std::uint64_t>(c.openNs - c.startNs)}});
    return over(c, ConnectionState::Unanswered, Side::Client, now);
  }
  if (c.state == ConnectionState::Closing) {
    if (own.shutdownFlags == kShutdownBoth && other.shutdownFlags != kShutdownBoth &&
        c.shutdownNs != Flow::kNever && now - c.shutdownNs >= kCloseTimeoutNs) {
      raise(c, FindingCode::CloseLeftDataUnread, now, {c.shutdownPacket, frame_},
            {.direction = d,
             .values = {knowsCredit(own, other) ? inFlight(own, other) : 0,
                        static_cast<std::uint64_t>(now - c.shutdownNs)}});
    }
    const Side by = c.endedBy == Side::Nobody ? senderOf(d) : c.endedBy;
    return over(c, ConnectionState::Closed, by, now);
  }
  resetWhileOpen(c, d, hasCounters(header), now);
  over(c, ConnectionState::Reset, senderOf(d), now);
}

void ConnectionTracker::refused(Connection& c, std::int64_t now) {
  FindingDetail detail = FindingDetail::Plain;
  if (c.server < servers_.size()) {
    Server& server = servers_[c.server];
    if (server.failures++ == 0) {
      server.firstFailureNs = c.startNs;
      server.firstFailure = c.firstPacket;
    }
    ++server.refusals;
    ConnectionKey twin = server.key;
    twin.type = twin.type == 1 ? 2 : 1;
    const auto other =
        serverTable_.find(hash_(twin), [&](auto i) { return servers_[i].key == twin; });
    if (server.wasOpen) {
      detail = FindingDetail::PortWasOpen;
    } else if (other != KeyTable::kNone && servers_[other].wasOpen) {
      detail = FindingDetail::OtherTypeWasOpen;
    }
  }
  ++totals_.refused;
  raise(c, FindingCode::ConnectRefused, now, {c.firstPacket, frame_},
        {.detail = detail, .values = {static_cast<std::uint64_t>(now - c.startNs)}});
}

/// `d` is the way of the RST, `hasSocket` whether it speaks for a socket. RSTs without one are of
/// kernels that know nothing of the connection, and of devices that give up.
void ConnectionTracker::resetWhileOpen(Connection& c, Direction d, bool hasSocket,
                                       std::int64_t now) {
  const Flow& own = c.flow(d);
  const Flow& other = c.flow(opposite(d));
  if (own.shutdownFlags != 0 || other.shutdownFlags != 0) {
    return raise(c, FindingCode::HalfCloseTurnedFull, now, {other.lastPacket, frame_},
                 {.direction = d});
  }
  FindingDetail detail = FindingDetail::Plain;
  if (c.isPartial) {
    if (own.dataPackets == 0 || other.dataPackets == 0) return;
  } else if (c.has(FindingCode::CreditViolation)) {
    detail = FindingDetail::AfterViolation;
  } else if (!hasSocket) {
    const bool sentNothing = d == Direction::ToServer && own.packets == 2 && other.packets == 1;
    detail = sentNothing ? FindingDetail::GaveUp : FindingDetail::NoSocket;
  }
  const bool isStale =
      detail == FindingDetail::NoSocket && other.packets != 0 && now - other.lastNs <= kPromptNs;
  if (isStale) {
    raise(c, FindingCode::StalePeer, now, {other.lastPacket, frame_}, {.direction = opposite(d)});
  }
  const std::uint64_t lost = (knowsCredit(own, other) ? inFlight(own, other) : 0) +
                             std::uint64_t{knowsCredit(other, own) ? inFlight(other, own) : 0};
  if (lost == 0 && isStale) return;
  raise(c, lost != 0 ? FindingCode::ResetMidStream : FindingCode::ResetWithoutShutdown, now,
        {other.lastPacket, frame_}, {.detail = detail, .direction = d, .values = {lost}});
}

/// Whether a REQUEST is that of `c`, whose answer was recorded just before it.
bool ConnectionTracker::isAnsweredAlready(Connection& c, Direction d, std::int64_t now) {
  if (!c.isPartial || now - c.startNs > kReorderNs) return false;
  if (d != Direction::ToServer || c.flow(d).packets != 0) return false;
  c.isPartial = false;
  for (Flow& flow : c.flows) flow.countsFromStart = flow.dataPackets == 0;
  if (isOver(c.state)) {
    c.state = ConnectionState::Refused;
    findServer(c);
    raiseOnce(c, FindingCode::ConnectRefused, now, {c.firstPacket, frame_});
  }
  return true;
}

/// Another connection takes the addresses of `c`. Whether packets of `c` may still come: a sender
/// that knows of no end goes on, and so does a second tap whose clock is behind.
bool ConnectionTracker::giveWay(Connection& c, Direction d, std::int64_t now) {
  if (c.state == ConnectionState::Requested) {
    if (!c.has(FindingCode::ConnectUnanswered)) unanswered(c, now);
    over(c, ConnectionState::Unanswered, Side::Nobody, now);
  } else if (!isOver(c.state)) {
    raise(c, FindingCode::ReusedWithoutClose, now, {c.flow(d).lastPacket, frame_});
    const std::int64_t lastNs = c.lastNs();
    over(c, ConnectionState::Lost, Side::Nobody, lastNs);
    return now - lastNs < kPromptNs;
  }
  return false;
}

/// What is known only when nothing more comes.
void ConnectionTracker::atTheEnd(Connection& c, EndedBy by, std::int64_t now) {
  const bool isOpen = c.state > ConnectionState::Requested && !isOver(c.state);
  const bool hadRequest = !c.isPartial && c.type() != VirtioType::Dgram;
  if (isOpen && hadRequest && c.openNs == Flow::kNever) {
    raiseOnce(c, FindingCode::CaptureLoss, now,
              {c.firstPacket, c.flows[0].lastPacket, c.flows[1].lastPacket},
              {.detail = FindingDetail::ResponseMissing});
  }
  for (const Direction d : {Direction::ToServer, Direction::ToClient}) {
    settleDoubt(c, d, now, true);
    if (c.flow(d).wait != Flow::Wait::None) endWait(c, d, now, by, false);
    checkShares(c, d);
  }
}

void ConnectionTracker::unanswered(Connection& c, std::int64_t now) {
  std::uint64_t tries = 1;
  if (c.server < servers_.size()) {
    Server& server = servers_[c.server];
    if (server.failures++ == 0) {
      server.firstFailureNs = c.startNs;
      server.firstFailure = c.firstPacket;
    }
    tries = server.failures - server.refusals;
  }
  raiseOnce(c, FindingCode::ConnectUnanswered, now, {c.firstPacket},
            {.detail = isBetweenGuests(c) ? FindingDetail::SiblingGuest : FindingDetail::Plain,
             .values = {static_cast<std::uint64_t>(now - c.startNs), tries}});
}

}  // namespace vsdump
