// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the tracker that watches credit.
#include <algorithm>

#include "dissector/connection/credit.h"
#include "dissector/connection/tracker.h"
#include "dissector/connection/tracker_parts.h"

namespace vsdump {

namespace {

EndedBy endingOf(VirtioOp op) {
  switch (op) {
    case VirtioOp::Rw:
      return EndedBy::Data;
    case VirtioOp::Shutdown:
      return EndedBy::Shutdown;
    case VirtioOp::Rst:
      return EndedBy::Reset;
    default:
      return EndedBy::CreditUpdate;
  }
}

}  // namespace

/// `d` is the direction of the packet, whose counters are about the payload of the other one.
void ConnectionTracker::takeCredit(Connection& c, Direction d, const VirtioHeader& header,
                                   std::int64_t now, std::int64_t silentNs) {
  Flow& teller = c.flow(d);
  Flow& sender = c.flow(opposite(d));
  settleDoubt(c, d, now, false);
  settleDoubt(c, opposite(d), now, false);
  if (!hasCounters(header)) return;
  hear(teller, header, silentNs);
  if (teller.stepsBack == 4 && !c.isPartial) {
    raiseOnce(c, FindingCode::CidCollision, now, {frame_}, {.direction = d});
  }
  if (!(sender.countsFromStart || sender.lacksSome) || isOver(c.state)) return;
  const std::uint32_t beyond = teller.fwdCnt - sender.sent;
  if (beyond != 0 && beyond < 0x80000000U && sender.doubt == Flow::Doubt::None) {
    sender.doubt = Flow::Doubt::Loss;
    sender.doubtNs = now;
    sender.doubtPacket = frame_;
    sender.doubtBytes = beyond;
  }
  const bool isWaiting =
      sender.wait == Flow::Wait::NoCredit || sender.wait == Flow::Wait::OwnBufferFull;
  if (!isWaiting) return;
  const bool endsReceiving =
      header.op == VirtioOp::Rst || (header.op == VirtioOp::Shutdown && (header.flags & 1) != 0);
  if (endsReceiving) {
    endWait(c, opposite(d), now, endingOf(header.op), false);
  } else if (sender.wait == Flow::Wait::NoCredit ? creditLeft(sender, teller) != 0
                                                 : !isPossiblyBlocked(sender, teller)) {
    sender.waitIsOwnBuffer = sender.wait == Flow::Wait::OwnBufferFull;
    sender.wait = Flow::Wait::CreditIsBack;
    sender.creditBackNs = now;
    sender.waitEndedBy = endingOf(header.op);
  }
}

void ConnectionTracker::settle(Connection& c, Direction d, std::int64_t now, bool isFinal) {
  Flow& sender = c.flow(d);
  const Flow& receiver = c.flow(opposite(d));
  const bool isLoss = sender.doubt == Flow::Doubt::Loss;
  const std::uint32_t beyond = receiver.fwdCnt - sender.sent;
  const bool isExplained =
      isLoss ? beyond == 0 || beyond >= 0x80000000U
             : now - sender.doubtNs <= kReorderNs && creditLeft(sender, receiver) != 0;
  if (isExplained) {
    sender.doubt = Flow::Doubt::None;
    return;
  }
  if (!isFinal && now - sender.doubtNs <= kReorderNs) return;
  sender.doubt = Flow::Doubt::None;
  if (!isLoss) {
    raise(c, FindingCode::CreditViolation, now, {sender.doubtPacket},
          {.direction = d, .values = {sender.doubtBytes, receiver.bufAlloc}});
    return;
  }
  // How much more is missing is not known, so credit is not known from here on. That at least so
  // much was sent is: more beyond it is missing too.
  sender.sent += beyond;
  sender.lostBytes += beyond;
  sender.countsFromStart = false;
  sender.lacksSome = true;
  sender.wait = Flow::Wait::None;
  raise(c, FindingCode::CaptureLoss, now, {sender.doubtPacket},
        {.direction = d, .values = {beyond}});
}

void ConnectionTracker::beginWait(Connection& c, Direction d, std::int64_t now) {
  Flow& sender = c.flow(d);
  const Flow& receiver = c.flow(opposite(d));
  // A sender that goes beyond its credit does not wait for any.
  if (sender.wait == Flow::Wait::NoCredit || sender.doubt == Flow::Doubt::Excess) return;
  if (creditLeft(sender, receiver) == 0) {
    sender.wait = Flow::Wait::NoCredit;
  } else if (isPossiblyBlocked(sender, receiver)) {
    sender.wait = Flow::Wait::OwnBufferFull;
  } else {
    return;
  }
  sender.waitIsOwnBuffer = sender.wait == Flow::Wait::OwnBufferFull;
  sender.stallStartNs = now;
  sender.stallPacket = frame_;
}

void ConnectionTracker::endWait(Connection& c, Direction d, std::int64_t now, EndedBy by,
                                bool goesOn) {
  Flow& sender = c.flow(d);
  const Flow& receiver = c.flow(opposite(d));
  const bool isBack = sender.wait == Flow::Wait::CreditIsBack;
  const std::int64_t endNs = isBack ? sender.creditBackNs : now;
  sender.wait = Flow::Wait::None;
  const std::uint32_t unread = inFlight(sender, receiver);
  const std::int64_t lastedNs = endNs - sender.stallStartNs;
  // A sender that has closed its side wanted nothing more. One that waited for a moment only was
  // caught by the end, the more so if its earlier waits all ended.
  const bool wasFreed = sender.stalls != 0 || by == EndedBy::Shutdown;
  const bool isStuck = !isBack && unread != 0 && (sender.shutdownFlags & kShutdownSend) == 0 &&
                       lastedNs >= (wasFreed ? kSecondNs : kPromptNs);
  FindingCode kind = FindingCode::CreditExhausted;
  if (sender.waitIsOwnBuffer) {
    if (!goesOn && !isStuck) return;
    kind = FindingCode::PossiblyBlocked;
  } else if (goesOn) {
    kind = FindingCode::CreditStall;
  } else if (isStuck) {
    kind = FindingCode::CreditStuck;
  }
  if (kind == FindingCode::CreditStall || kind == FindingCode::CreditStuck) {
    sender.stalledNs += lastedNs;
    ++sender.stalls;
    ++totals_.stalls;
  }
  consumer_.stalled({.connection = c.id,
                     .direction = d,
                     .kind = kind,
                     .endedBy = by,
                     .startNs = sender.stallStartNs,
                     .endNs = endNs,
                     .bytesBefore = sender.bytes + sender.lostBytes});
  raise(c, kind, endNs, {sender.stallPacket, isBack ? c.flow(opposite(d)).lastPacket : frame_},
        {.endedBy = by,
         .direction = d,
         .values = {static_cast<std::uint64_t>(lastedNs), receiver.bufAlloc, unread,
                    sender.sent - unread}});
}

/// What the whole of a direction's waits says, once it is over.
void ConnectionTracker::checkShares(Connection& c, Direction d) {
  const Flow& sender = c.flow(d);
  const Flow& receiver = c.flow(opposite(d));
  const std::int64_t activeNs = sender.lastNs - sender.firstNs;
  if (sender.stalls < 2 || sender.stalledNs * 2 < activeNs) return;
  const std::int64_t averageNs = sender.stalledNs / sender.stalls;
  const auto handshake = c.handshakeNs();
  const std::initializer_list<FrameNumber> packets = {c.firstPacket, sender.lastPacket};
  if (handshake && averageNs <= std::max<std::int64_t>(4 * *handshake, kReorderNs)) {
    if (sender.bytes < std::uint64_t{8} * receiver.bufAlloc) return;
    raiseOnce(
        c, FindingCode::WindowTooSmall, sender.lastNs, packets,
        {.direction = d,
         .values = {receiver.bufAlloc, static_cast<std::uint64_t>(averageNs), sender.stalls}});
  } else if (sender.stalledNs >= kPromptNs) {
    raiseOnce(c, FindingCode::SlowReader, sender.lastNs, packets,
              {.direction = d,
               .values = {static_cast<std::uint64_t>(sender.stalledNs),
                          static_cast<std::uint64_t>(activeNs), sender.stalls}});
  }
}

}  // namespace vsdump
