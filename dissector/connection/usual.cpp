// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the tracker that follows what most packets are.
#include <algorithm>

#include "dissector/connection/credit.h"
#include "dissector/connection/tracker.h"
#include "dissector/connection/tracker_parts.h"

namespace vsdump {

namespace {

/// Whether nothing is pending, so that a packet can change numbers alone.
bool isClear(const Flow& flow) {
  const unsigned pending =
      static_cast<unsigned>(flow.wait) | static_cast<unsigned>(flow.doubt) | flow.shutdownFlags;
  return pending == 0 && flow.hasTold && flow.countsFromStart && !flow.hasOpenCreditRequest;
}

}  // namespace

// One question after the other about what the packet would change, then the changes, which are the
// same for payload and for credit alone: which of the two comes next nobody can foresee.
bool ConnectionTracker::takeUsual(const Frame& frame, const Packet& packet, std::uint32_t from,
                                  std::int64_t now, Observation& seen) {
  const VirtioHeader& header = packet.virtio;
  const KnownFlows::Flow* const known = known_.find(header, from);
  if (known == nullptr) return false;
  Connection& c = at(known->index);
  const Direction d = known->direction;
  Flow& sender = c.flow(d);
  Flow& receiver = c.flow(opposite(d));
  if (c.id != known->id || c.state != ConnectionState::Open || c.isQuiet ||
      c.firstByteNs == Flow::kNever || !isClear(sender) || !isClear(receiver)) {
    return false;
  }
  // What it says about the payload of the other side: nothing new but how much of it was consumed.
  constexpr std::uint32_t kHalf = 0x80000000;
  if (header.bufAlloc != sender.bufAlloc || header.fwdCnt - sender.fwdCnt >= kHalf) return false;
  const std::uint32_t unread = receiver.sent - header.fwdCnt;
  if (unread >= kHalf) return false;
  // Its own payload: there is credit for it, and some is left.
  const std::uint32_t length = packet.payloadLengthBytes;
  const std::uint32_t sent = sender.sent + length;
  const std::uint32_t used = sent - receiver.fwdCnt;
  const std::uint32_t window = receiver.bufAlloc;
  if (used >= window || used >= kHalf) return false;
  if (used >= sender.bufAlloc && sender.bufAlloc < window) return false;  // a blocked one, perhaps
  if (sender.dataPackets >= kTinyPackets - 1 && sender.dataPackets <= kTinyPackets) return false;
  if (sender.dataPackets == UINT32_MAX || !sender.split.isWhole()) return false;

  seen.streamOffset = sender.bytes + sender.lostBytes;
  seen.connection = c.id;
  seen.direction = d;
  seen.credit = window - used;
  seen.window = window;
  ++sender.packets;
  sender.bytes += length;
  totals_.bytes += length;
  sender.largestGapNs = std::max(sender.largestGapNs, now - sender.lastNs);
  sender.lastNs = now;
  sender.lastPacket = frame.number;
  sender.signature = signatureOf(packet);
  sender.sent = sent;
  sender.fwdCnt = header.fwdCnt;
  sender.dataPackets += header.op == VirtioOp::Rw ? 1 : 0;
  current_ = &c;
  return true;
}

}  // namespace vsdump
