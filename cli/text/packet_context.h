// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "dissector/connection/finding.h"
#include "dissector/connection/observation.h"
#include "dissector/names/service_lookup.h"

namespace vsdump {

/// What a packet has brought beside itself. Few have.
struct PacketNews {
  /// A finding about another connection that this packet's time or address has brought to light.
  struct Elsewhere {
    ConnectionId connection = kNoConnection;  ///< none: about the whole capture
    FindingCode code{};
  };

  std::string messages{};       ///< that it completes, escaped
  std::uint64_t findings = 0;   ///< about its own connection, a bit for each FindingCode
  std::uint64_t answerNs = 0;   ///< of what answers a REQUEST: the time since then
  bool answersRequest = false;  ///< whether answerNs says something
  std::uint8_t listed = 0;      ///< how many of `elsewhere` are set
  std::uint32_t unlisted = 0;   ///< findings about other connections that found no room there
  std::array<Elsewhere, 4> elsewhere{};

  bool has(FindingCode code) const { return ((findings >> static_cast<unsigned>(code)) & 1) != 0; }
};

/// What the packets before it make of a packet, as lines and JSON objects show it.
///
/// Values only: it may be formatted later and by another thread than the one that follows the
/// connections. **Lifetime** the service's name lives as long as the ServiceNames it is from, the
/// news until the end of the batch after the packet's.
struct PacketContext {
  Observation seen{};
  ServiceName service{};
  const PacketNews* news = nullptr;

  bool isTracked() const { return seen.connection != kNoConnection; }
};

}  // namespace vsdump
