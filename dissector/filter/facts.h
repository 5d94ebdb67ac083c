// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dissector/connection/connection.h"
#include "dissector/connection/finding.h"
#include "dissector/connection/observation.h"
#include "dissector/names/protocol_names.h"
#include "dissector/wire/types.h"

namespace vsdump::filter {

/// A bit for each FindingCode.
using FindingSet = std::uint64_t;

constexpr FindingSet setOf(FindingCode code) {
  return FindingSet{1} << static_cast<unsigned>(code);
}

/// A bit for each ConnectionState, and one for connections that began before the capture, whatever
/// state they are in.
using StateSet = std::uint32_t;

inline constexpr StateSet kPartialState = StateSet{1}
                                          << (static_cast<unsigned>(ConnectionState::Lost) + 1);

constexpr StateSet setOf(ConnectionState state) {
  return StateSet{1} << static_cast<unsigned>(state);
}

constexpr StateSet statesOf(const Connection& connection) {
  return setOf(connection.state) | (connection.isPartial ? kPartialState : 0);
}

/// What filters call the findings and the states; the value is the place of the bit in its set.
std::span<const FieldName> findingWords();
std::span<const FieldName> stateWords();

/// What is known of a packet beside its record. All of it is empty for a packet of no connection.
struct Facts {
  ConnectionId connection = kNoConnection;
  StateSet states = 0;
  FindingSet findings = 0;     ///< of the connection
  FindingSet proven = 0;       ///< that this packet is a proof of
  std::string_view service{};  ///< of the connection; borrowed
  /// The client and the server of a connection over loopback, whose packets do not spell them out.
  std::optional<std::array<Address, 2>> loopbackEnds{};
};

}  // namespace vsdump::filter
