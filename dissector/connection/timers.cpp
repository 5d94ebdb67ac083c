// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the tracker that knows what is late: timers, idle connections, the end of the
// capture.
#include <algorithm>

#include "dissector/connection/tracker.h"
#include "dissector/connection/tracker_parts.h"

namespace vsdump {

/// A CREDIT_REQUEST should be answered at once.
void ConnectionTracker::expectCredit(const Connection& c, std::int64_t now) {
  Source& source = sourceOf(c.key.source);
  const auto isIt = [&](std::uint32_t i) { return at(i).id == c.id; };
  source.add(source.credits, {table_.find(hash_(c.key), isIt), c.id, now + kSecondNs});
}

void ConnectionTracker::expire(Source& source, std::int64_t now) {
  const auto take = [&](std::deque<Timer>& queue, auto&& then) {
    while (!queue.empty() && queue.front().dueNs <= now) {
      const Timer timer = queue.front();
      queue.pop_front();
      if (at(timer.index).id == timer.id) then(timer.index, timer.dueNs);
    }
  };
  take(source.requests, [&](std::uint32_t i, std::int64_t) {
    Connection& c = at(i);
    if (isOver(c.state)) return;
    if (c.state == ConnectionState::Requested) unanswered(c, now);
    source.add(source.awake, {i, c.id, c.startNs + kLookNs});
  });
  take(source.credits, [&](std::uint32_t i, std::int64_t dueNs) {
    Connection& c = at(i);
    for (const Direction d : {Direction::ToServer, Direction::ToClient}) {
      if (!c.flow(d).hasOpenCreditRequest || isOver(c.state)) continue;
      // The open request may be a later one than the timer's.
      if (c.flow(opposite(d)).lastNs > dueNs - kSecondNs) continue;
      c.flow(d).hasOpenCreditRequest = false;
      raiseOnce(c, FindingCode::CreditRequestUnanswered, now, {c.flow(d).lastPacket},
                {.direction = d});
    }
  });
  take(source.lingering, [&](std::uint32_t i, std::int64_t) { retire(i); });
  const auto look = [&](std::uint32_t i, std::int64_t) {
    Connection& c = at(i);
    if (isOver(c.state)) return;
    if (c.has(FindingCode::ConnectUnanswered) && c.state == ConnectionState::Requested) {
      over(c, ConnectionState::Unanswered, Side::Nobody, now);
      return linger(i, source);
    }
    checkIdle(c, now);
    if (c.isIdle) {
      source.add(source.parked, {i, c.id, now + 300 * kSecondNs});
    } else {
      source.add(source.awake, {i, c.id, now + kLookNs});
    }
  };
  take(source.awake, look);
  take(source.parked, look);
  source.dueNs = INT64_MAX;
  for (const auto* queue :
       {&source.requests, &source.credits, &source.lingering, &source.awake, &source.parked}) {
    if (!queue->empty()) source.dueNs = std::min(source.dueNs, queue->front().dueNs);
  }
}

void ConnectionTracker::checkIdle(Connection& c, std::int64_t now) {
  const std::int64_t idleNs = now - c.lastNs();
  if (c.state == ConnectionState::Requested || c.type() == VirtioType::Dgram) return;
  if (idleNs >= kLookNs && !c.isQuiet && c.server < servers_.size()) {
    Server& server = servers_[c.server];
    c.isQuiet = true;
    if (++server.quiet >= server.leakLimit && server.quiet * 2 >= server.opened) {
      server.leakLimit *= 10;
      raise(c, FindingCode::LeakedConnections, now, {c.firstPacket},
            {.values = {server.quiet, server.opened}});
    }
  }
  const bool wasUsed = c.firstByteNs != Flow::kNever;
  if (c.isIdle || idleNs < (wasUsed ? 300 : 60) * kSecondNs) return;
  c.isIdle = true;
  raiseOnce(c, FindingCode::IdleConnection, now, {c.flows[0].lastPacket, c.flows[1].lastPacket},
            {.detail = wasUsed ? FindingDetail::Plain : FindingDetail::NeverUsed,
             .values = {static_cast<std::uint64_t>(idleNs)}});
}

void ConnectionTracker::evict(Source& source) {
  for (std::deque<Timer>* queue : {&source.parked, &source.awake, &source.requests}) {
    const bool isParked = queue == &source.parked;
    const bool isAwake = queue == &source.awake;
    for (std::size_t left = queue->size(); left != 0; --left) {
      const Timer timer = queue->front();
      queue->pop_front();
      Connection& c = at(timer.index);
      if (c.id != timer.id || isOver(c.state)) continue;
      // One that was used since it was put here gets another turn, so that each packet delays one
      // eviction by one step at most.
      const std::int64_t dueNs = c.lastNs() + kLookNs;
      if ((isParked && dueNs > source.nowNs) || (isAwake && left > 1 && dueNs > timer.dueNs)) {
        source.add(source.awake, {timer.index, timer.id, dueNs});
        continue;
      }
      if (totals_.evicted++ == 0) {
        raise(c, FindingCode::ConnectionsEvicted, source.nowNs, {frame_},
              {.values = {limits_.live}});
      }
      atTheEnd(c, EndedBy::EndOfCapture, source.nowNs);
      --live_;
      if (c.isQuiet && c.server < servers_.size()) --servers_[c.server].quiet;
      retire(timer.index);
      return;
    }
  }
}

void ConnectionTracker::advanceTo(std::int64_t timeNs) {
  for (const auto& source : sources_) {
    if (!source || source->nowNs == Flow::kNever) continue;
    source->nowNs = std::max(source->nowNs, timeNs);
    expire(*source, source->nowNs);
  }
}

void ConnectionTracker::finish() {
  frame_ = FrameNumber{};
  for (std::uint32_t i = 0; i < chunks_.size() * kChunk; ++i) {
    Connection& c = at(i);
    if (c.id == kNoConnection) continue;
    const std::int64_t now = sources_[c.key.source]->nowNs;
    if (!isOver(c.state)) {
      if (c.state == ConnectionState::Requested && !c.has(FindingCode::ConnectUnanswered)) {
        raise(c, FindingCode::ConnectPending, now, {c.firstPacket},
              {.detail = isBetweenGuests(c) ? FindingDetail::SiblingGuest : FindingDetail::Plain,
               .values = {static_cast<std::uint64_t>(now - c.startNs)}});
      }
      if (c.has(FindingCode::ConnectUnanswered)) c.state = ConnectionState::Unanswered;
      checkIdle(c, now);
      atTheEnd(c, EndedBy::EndOfCapture, now);
      --live_;
    }
    retire(i);
  }
}

}  // namespace vsdump
