// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/service_lookup.h"

#include <span>

#include "dissector/names/cid_names.h"

namespace vsdump {

ServiceName ServiceLookup::of(VirtioType type, Cid client, const Address& server) {
  const ListeningSide side = sideOf(server.cid);
  const bool isLoopback = client == kCidLocal || server.cid == kCidLocal;
  Known& known = known_[raw(server.port) % known_.size()];
  if (known.port == server.port && known.type == type && known.side == side &&
      known.isLoopback == isLoopback && type != VirtioType{}) {
    return known.service;
  }
  known = {.port = server.port, .type = type, .side = side, .isLoopback = isLoopback};
  const Service* const found = names_.find(type, server.port, side);
  if (found == nullptr) return known.service;
  const std::span<const Service> table = builtinServices();
  const bool isBuiltin = found >= table.data() && found < table.data() + table.size();
  if (isBuiltin && isLoopback && found->side != ListeningSide::Any) return known.service;
  known.service = {.name = found->name, .isGuess = isBuiltin};
  return known.service;
}

}  // namespace vsdump
