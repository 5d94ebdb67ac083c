// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dissector/connection/observation.h"
#include "dissector/wire/anomaly.h"
#include "dissector/wire/types.h"

namespace vsdump {

/// What can be found about connections. findingCatalogue() has a row for each, in this order; what
/// the dissector finds about single records follows as `Anomaly` codes, see codeOf().
enum class FindingCode : std::uint8_t {
  ConnectRefused,
  ConnectUnanswered,
  ResetMidStream,
  CreditStuck,
  CreditViolation,
  ResetWithoutShutdown,
  CloseLeftDataUnread,
  HalfCloseTurnedFull,
  DataAfterShutdown,
  StalePeer,
  CreditStall,
  CreditRequestUnanswered,
  SlowReader,
  LeakedConnections,
  CidCollision,
  WrongDirectionCid,
  CaptureLoss,
  ReusedWithoutClose,
  DuplicatePackets,
  ConnectionsEvicted,
  ConnectPending,
  LateStart,
  CreditExhausted,
  PossiblyBlocked,
  WindowTooSmall,
  TinyPackets,
  IdleConnection,
  TimeSteppedBack,
  FirstAnomaly,  ///< not a code itself: the anomalies' codes begin here
};

/// An anomaly of a record, as a finding of its connection.
constexpr FindingCode codeOf(Anomaly anomaly) {
  return FindingCode{static_cast<std::uint8_t>(static_cast<unsigned>(FindingCode::FirstAnomaly) +
                                               static_cast<unsigned>(anomaly))};
}

/// What is known about a kind of finding: a stable code for programs, a sentence for people.
struct FindingRow {
  FindingCode finding;
  std::string_view code;
  Severity severity;
  std::string_view sentence;
};

/// The findings about connections.
std::span<const FindingRow> findingCatalogue();

/// The row of a finding; of an anomaly's, the row that its own catalogue has.
FindingRow describe(FindingCode code);

/// What ended a stall, or the reason why something counts as over.
enum class EndedBy : std::uint8_t { CreditUpdate, Data, Shutdown, Reset, EndOfCapture };

/// What is special about a finding: which sentence its message takes. Those of other codes than the
/// finding's own do not occur in it.
enum class FindingDetail : std::uint8_t {
  Plain,
  PortWasOpen,         ///< ConnectRefused: others were accepted at this port, by the same type
  OtherTypeWasOpen,    ///< ConnectRefused: only the other socket type was accepted there
  SiblingGuest,        ///< ConnectUnanswered, ConnectPending: from one guest to another
  AnsweredTooLate,     ///< ConnectUnanswered: by RESPONSE after the client had given up
  DataToClosedPeer,    ///< HalfCloseTurnedFull: payload after the peer's SHUTDOWN of both ways
  AfterReceiveClosed,  ///< DataAfterShutdown: the peer had shut its receiving side
  NeverUsed,           ///< IdleConnection: not a byte of payload since it was opened
  NoSocket,            ///< resets: by a RST that has no socket's counters
  GaveUp,              ///< ResetWithoutShutdown: the client had closed before the RESPONSE came
  AfterViolation,      ///< resets: of a connection whose credit was not kept to
  ResponseMissing,     ///< CaptureLoss: a REQUEST and traffic, no RESPONSE
};

/// One thing that was found.
///
/// **Units** `values` are bytes, counts or nanoseconds: the comments at messageOf() tell by code.
struct Finding {
  std::uint32_t number = 0;  ///< from 0, in the order in which they were found
  FindingCode code{};
  FindingDetail detail = FindingDetail::Plain;
  EndedBy endedBy = EndedBy::EndOfCapture;    ///< of stalls
  Direction direction = Direction::ToServer;  ///< of the traffic that it is about
  std::uint8_t packetCount = 0;               ///< how many of `packets` are set
  ConnectionId connection = kNoConnection;    ///< none: about the capture or a port
  Address client{};                           ///< of the connection, where there is one
  Address server{};
  std::int64_t timeNs = 0;               ///< of the packet or the time limit that shows it
  std::array<FrameNumber, 4> packets{};  ///< those that prove it, in order
  std::array<std::uint64_t, 4> values{};

  bool operator==(const Finding&) const = default;
};

/// An interval in which a sender had no credit.
struct Stall {
  ConnectionId connection = kNoConnection;
  Direction direction = Direction::ToServer;  ///< of the payload that had to wait
  FindingCode kind{};  ///< CreditStall, CreditStuck, CreditExhausted or PossiblyBlocked
  EndedBy endedBy = EndedBy::EndOfCapture;
  std::int64_t startNs = 0;
  std::int64_t endNs = 0;
  std::uint64_t bytesBefore = 0;  ///< payload bytes that had gone this way

  bool operator==(const Stall&) const = default;
};

}  // namespace vsdump
