// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "dissector/wire/packet.h"

namespace vsdump {

/// The number of a connection within a capture, from 0 in the order of appearance.
enum class ConnectionId : std::uint32_t {};

inline constexpr ConnectionId kNoConnection{0xFFFFFFFF};

constexpr std::uint32_t raw(ConnectionId id) {
  return static_cast<std::uint32_t>(id);
}

/// Which way a packet goes: the client is the side that has sent the REQUEST.
enum class Direction : std::uint8_t { ToServer, ToClient };

constexpr Direction opposite(Direction direction) {
  return direction == Direction::ToServer ? Direction::ToClient : Direction::ToServer;
}
constexpr std::size_t index(Direction direction) {
  return static_cast<std::size_t>(direction);
}

/// What a packet meant among the packets before it. Small, so that one can be kept for each packet.
struct Observation {
  static constexpr std::uint32_t kUnknownCredit = 0xFFFFFFFF;

  /// Where the payload starts in its direction's stream: the bytes before it, those that the
  /// capture has lost included. In a connection that began before the capture, counted from there.
  std::uint64_t streamOffset = 0;
  ConnectionId connection = kNoConnection;
  /// How many bytes into the tapped payload this packet's own payload starts; see payloadOf().
  std::uint32_t payloadStart = 0;
  /// Bytes that the sender of this packet may still send after it, by virtio's plain rule.
  std::uint32_t credit = kUnknownCredit;
  /// The receive buffer that `credit` is a part of.
  std::uint32_t window = 0;
  /// The findings that this packet brought, as numbers of Finding::number.
  std::uint32_t firstFinding = 0;
  std::uint8_t findings = 0;
  Direction direction = Direction::ToServer;
  bool isDuplicate : 1 = false;        ///< a second record of the same packet: not counted
  bool beginsConnection : 1 = false;   ///< the first packet of its connection
  bool endsConnection : 1 = false;     ///< the packet after which it is over
  bool isPossiblyBlocked : 1 = false;  ///< a sender that caps itself at its own buffer is blocked
  bool endsMessage : 1 = false;        ///< the last packet of a SEQPACKET message, or a datagram
  bool endsRecord : 1 = false;         ///< of SEQPACKET: sent with MSG_EOR

  bool operator==(const Observation&) const = default;
};
static_assert(sizeof(Observation) <= 32 && std::is_trivially_copyable_v<Observation>);

/// The payload bytes at hand of a packet, from the right place of what the tap recorded.
/// **Lifetime** borrows the frame's bytes.
Bytes payloadOf(const Frame& frame, const Packet& packet, const Observation& observation);

}  // namespace vsdump
