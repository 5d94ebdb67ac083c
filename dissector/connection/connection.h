// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dissector/connection/finding.h"
#include "dissector/connection/key.h"
#include "dissector/connection/split_payload.h"

namespace vsdump {

/// Where a connection stands.
enum class ConnectionState : std::uint8_t {
  Requested,  ///< REQUEST, no answer yet
  /// RESPONSE, or traffic that shows that there was one; DGRAM exchanges are always open.
  Open,
  HalfClosedByClient,  ///< the client sends no more
  HalfClosedByServer,
  Closing,  ///< both ways are shut; RST is still to come
  Closed,
  Refused,     ///< RST instead of RESPONSE
  Reset,       ///< RST without an agreed end
  Unanswered,  ///< no answer within the 2 s that connect() waits
  Lost,        ///< the end was not seen: the addresses are in use again
};

/// "half_closed_by_client": the state's name for programs; with spaces it is the one for people.
std::string_view stateWord(ConnectionState state);

constexpr bool isOver(ConnectionState state) {
  return state >= ConnectionState::Closed;
}

enum class Side : std::uint8_t { Nobody, Client, Server };

constexpr Side senderOf(Direction direction) {
  return direction == Direction::ToServer ? Side::Client : Side::Server;
}

/// The packets that go one way, and what their sender has told about its receive buffer.
struct Flow {
  /// A time that is not known.
  static constexpr std::int64_t kNever = INT64_MIN;

  enum class Wait : std::uint8_t { None, NoCredit, OwnBufferFull, CreditIsBack };
  enum class Doubt : std::uint8_t { None, Excess, Loss };

  // What each packet touches comes first: connections take turns in the cache.
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;        ///< of payload
  std::uint64_t lostBytes = 0;    ///< of payload, that counters prove and the capture lacks
  std::int64_t lastNs = kNever;   ///< of the newest packet
  std::int64_t largestGapNs = 0;  ///< between two packets this way
  std::uint32_t sent = 0;         ///< payload bytes modulo 2^32, as credit counts them
  std::uint32_t bufAlloc = 0;     ///< the newest that the sender has told
  std::uint32_t fwdCnt = 0;
  std::uint32_t signature = 0;  ///< of the newest packet: duplicates have the same
  FrameNumber lastPacket{};
  std::uint32_t dataPackets = 0;    ///< RW, saturating
  std::uint32_t largestBuffer = 0;  ///< the largest bufAlloc told: a smaller one may be on its way
  Wait wait = Wait::None;
  Doubt doubt = Doubt::None;
  std::uint8_t shutdownFlags = 0;
  bool hasTold : 1 = false;          ///< bufAlloc and fwdCnt are known
  bool countsFromStart : 1 = false;  ///< `sent` has counted since the connection began
  bool lacksSome : 1 = false;        ///< records are missing: `sent` is the least that was sent
  bool isUncapped : 1 = false;       ///< has sent more than its own buffer holds
  bool waitIsOwnBuffer : 1 = false;
  bool hasOpenCreditRequest : 1 = false;
  SplitPayload split;

  std::uint32_t messages = 0;  ///< whole SEQPACKET messages, saturating
  std::uint32_t stalls = 0;
  std::int64_t firstNs = kNever;

  // A wait for credit; see CreditModel.
  std::int64_t stallStartNs = 0;
  std::int64_t creditBackNs = 0;
  FrameNumber stallPacket{};
  std::int64_t stalledNs = 0;  ///< in all, of waits that are over
  std::uint32_t doubtBytes = 0;
  EndedBy waitEndedBy = EndedBy::EndOfCapture;
  std::uint8_t stepsBack = 0;  ///< how often fwd_cnt went back after a silence, saturating

  // Something that counters say and a late record may still explain.
  std::int64_t doubtNs = kNever;
  FrameNumber doubtPacket{};

  bool operator==(const Flow&) const = default;
};

/// One connection, and all that the tracker knows about it.
///
/// **Lifetime** records that the tracker hands out are valid until its next function is called.
struct Connection {
  std::uint64_t findings = 0;  ///< a bit for each FindingCode that it has
  std::int64_t endNs = Flow::kNever;
  std::int64_t startNs = 0;
  std::int64_t openNs = Flow::kNever;      ///< of the RESPONSE
  std::int64_t shutdownNs = Flow::kNever;  ///< of the first SHUTDOWN of both ways
  FrameNumber firstPacket{};
  FrameNumber shutdownPacket{};
  Port clientPort{};
  Port serverPort{};
  Cid serverCid{};  ///< as the client calls it

  // What each packet touches.
  std::int64_t firstByteNs = Flow::kNever;
  ConnectionKey key;
  ConnectionId id = kNoConnection;
  std::uint32_t server = 0xFFFFFFFF;
  ConnectionState state = ConnectionState::Requested;
  Side endedBy = Side::Nobody;
  bool isPartial : 1 = false;  ///< began before the capture: who is the client may be a guess
  bool clientIsLow : 1 = false;
  bool mayMix : 1 = false;    ///< packets of another connection may count as its own
  bool isIdle : 1 = false;    ///< was found idle
  bool isQuiet : 1 = false;   ///< counts among the unused ones of its server
  std::array<Flow, 2> flows;  ///< by Direction

  Flow& flow(Direction direction) { return flows[index(direction)]; }
  const Flow& flow(Direction direction) const { return flows[index(direction)]; }

  Address client() const { return {Cid{clientIsLow ? key.lowCid : key.highCid}, clientPort}; }
  Address serverAddress() const { return {serverCid, serverPort}; }
  VirtioType type() const { return VirtioType{static_cast<std::uint16_t>(key.type)}; }
  bool has(FindingCode code) const { return ((findings >> static_cast<unsigned>(code)) & 1) != 0; }
  std::int64_t lastNs() const {
    return flows[0].lastNs > flows[1].lastNs ? flows[0].lastNs : flows[1].lastNs;
  }
  /// REQUEST to RESPONSE; none where either was not seen.
  std::optional<std::int64_t> handshakeNs() const {
    if (isPartial || openNs == Flow::kNever) return std::nullopt;
    return openNs - startNs;
  }

  bool operator==(const Connection&) const = default;
};
static_assert(sizeof(Connection) <= 512 - 24 - 16, "with its places in the table and a queue");

}  // namespace vsdump
