// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/finding.h"

#include <cstddef>

namespace vsdump {

namespace {

using enum FindingCode;
using enum Severity;

constexpr std::array kCatalogue = {
    FindingRow{ConnectRefused, "connect-refused", Error,
               "The REQUEST was answered with RST: nobody listens on the port, the listener is of "
               "the other socket type, or its queue is full."},
    FindingRow{ConnectUnanswered, "connect-unanswered", Error,
               "The REQUEST was not answered within the 2 s after which connect() gives up."},
    FindingRow{ResetMidStream, "reset-mid-stream", Error,
               "A RST ended the connection while payload was on its way, which is lost."},
    FindingRow{CreditStuck, "credit-stuck", Error,
               "The sender used up its credit and got none until the connection or the capture "
               "ended."},
    FindingRow{CreditViolation, "credit-violation", Error,
               "A packet carried more payload than the receiver had room for."},
    FindingRow{ResetWithoutShutdown, "reset-without-shutdown", Warning,
               "A RST ended the connection although neither side had announced it with SHUTDOWN."},
    FindingRow{CloseLeftDataUnread, "close-left-data-unread", Warning,
               "A side closed, the other neither read what was left nor closed, and a RST ended "
               "the wait about 8 s later."},
    FindingRow{HalfCloseTurnedFull, "half-close-turned-full", Warning,
               "One direction was ended and the other went down with it."},
    FindingRow{DataAfterShutdown, "data-after-shutdown", Warning,
               "Payload came in a direction that had been shut down."},
    FindingRow{StalePeer, "stale-peer", Warning,
               "A side went on with a connection that the other does not know, and got RST."},
    FindingRow{CreditStall, "credit-stall", Warning,
               "The sender had to wait for credit and went on as soon as it came."},
    FindingRow{CreditRequestUnanswered, "credit-request-unanswered", Warning,
               "A CREDIT_REQUEST was followed by nothing from the peer, which should answer it at "
               "once."},
    FindingRow{SlowReader, "slow-reader", Warning,
               "The sender spent most of the time waiting for the reader to make room."},
    FindingRow{LeakedConnections, "leaked-connections", Warning,
               "Connections to a port are opened and neither used nor closed, more and more of "
               "them."},
    FindingRow{CidCollision, "cid-collision", Warning,
               "One address behaves as if two machines had it."},
    FindingRow{WrongDirectionCid, "wrong-direction-cid", Warning,
               "The CIDs of the packet do not name two ends that can talk to each other."},
    FindingRow{CaptureLoss, "capture-loss", Warning,
               "The counters show that the capture lacks packets of this connection."},
    FindingRow{ReusedWithoutClose, "reused-without-close", Warning,
               "A new connection uses the addresses of one whose end was never seen."},
    FindingRow{DuplicatePackets, "duplicate-packets", Warning,
               "The capture holds packets twice; the second records are not counted."},
    FindingRow{ConnectionsEvicted, "connections-evicted", Warning,
               "More connections were open at once than are kept; the longest idle ones were "
               "dropped."},
    FindingRow{ConnectPending, "connect-pending", Note,
               "The capture ends after a REQUEST, too early to tell whether it is answered."},
    FindingRow{LateStart, "late-start", Note,
               "A port was answered only after attempts that failed: the time tells how long the "
               "listener took to start."},
    FindingRow{CreditExhausted, "credit-exhausted", Note,
               "The sender used up its credit, and nothing shows that it wanted to send more."},
    FindingRow{PossiblyBlocked, "possibly-blocked", Note,
               "As much was on its way as the sender's own buffer holds, where newer Linux senders "
               "wait although the receiver has room."},
    FindingRow{WindowTooSmall, "window-too-small", Note,
               "The receiver's buffer and the round trip, not the reader, limit the throughput."},
    FindingRow{TinyPackets, "tiny-packets", Note,
               "Many packets carry less payload than the 44 bytes of their header."},
    FindingRow{IdleConnection, "idle-connection", Note,
               "The connection is open and nothing was sent for a long time."},
    FindingRow{TimeSteppedBack, "time-stepped-back", Note,
               "A packet is older than the one before; times are counted as if it were not."},
};

constexpr bool catalogueIsInOrder() {
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    if (static_cast<std::size_t>(kCatalogue[i].finding) != i) return false;
  }
  return kCatalogue.size() == static_cast<std::size_t>(FirstAnomaly);
}
static_assert(catalogueIsInOrder(), "describe() indexes the catalogue by the enumerator");

}  // namespace

std::span<const FindingRow> findingCatalogue() {
  return kCatalogue;
}

FindingRow describe(FindingCode code) {
  const auto at = static_cast<std::size_t>(code);
  if (at < kCatalogue.size()) return kCatalogue[at];
  const AnomalyRow& anomaly = anomalyCatalogue()[at - kCatalogue.size()];
  return {code, anomaly.code, anomaly.severity, anomaly.sentence};
}

}  // namespace vsdump
