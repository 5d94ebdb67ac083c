// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/service_lookup.h"

#include <span>

namespace vsdump {

ServiceName ServiceLookup::find(const Known& known) const {
  const Service* const found = names_.find(known.type, known.server.port, sideOf(known.server.cid));
  if (found == nullptr) return {};
  const std::span<const Service> table = builtinServices();
  const bool isBuiltin = found >= table.data() && found < table.data() + table.size();
  if (isBuiltin && known.isLoopback && found->side != ListeningSide::Any) return {};
  return {.name = found->name, .isGuess = isBuiltin};
}

}  // namespace vsdump
