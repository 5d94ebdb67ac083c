// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dissector/names/cid_names.h"
#include "dissector/names/service_names.h"

namespace vsdump {

/// What probably listens at the server's end of a connection.
struct ServiceName {
  std::string_view name{};  ///< empty where nothing is known
  /// Made of the port alone, by the built-in table: shown with a question mark. What the user has
  /// named in a ports file is taken as said.
  bool isGuess = false;

  /// The same for a connection whose payload was recognised, which tells more than a guess.
  ServiceName orRecognised(std::string_view protocol) const {
    return name.empty() || isGuess ? ServiceName{.name = protocol} : *this;
  }
};

/// Names servers, and remembers the newest names: constant cost, whatever the tables hold.
///
/// A row of the built-in table has to fit in type, port and listening side. Over loopback only rows
/// of either side fit: what listens there is no host's service for guests, nor the other way round.
///
/// **Threads** one at a time.
class ServiceLookup {
 public:
  /// **Lifetime** borrows the names.
  explicit ServiceLookup(const ServiceNames& names) : names_(names) {}

  /// **Lifetime** until the next call.
  const ServiceName& of(VirtioType type, Cid client, const Address& server) {
    const bool isLoopback = client == kCidLocal || server.cid == kCidLocal;
    Known& known = known_[(raw(server.port) + raw(server.cid)) % known_.size()];
    const bool isKnown = known.server == server && known.type == type &&
                         known.isLoopback == isLoopback && type != VirtioType{};
    if (!isKnown) [[unlikely]] {
      known = {.server = server, .type = type, .isLoopback = isLoopback};
      known.service = find(known);
    }
    return known.service;
  }

 private:
  /// What a name depends on.
  struct Known {
    Address server{};
    VirtioType type{};  ///< 0 for a place that is empty
    bool isLoopback = false;
    ServiceName service{};
  };

  ServiceName find(const Known& known) const;

  const ServiceNames& names_;
  std::array<Known, 256> known_{};
};

}  // namespace vsdump
