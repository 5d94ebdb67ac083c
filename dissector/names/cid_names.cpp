// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/cid_names.h"

namespace vsdump {

std::string_view cidName(Cid cid) {
  if (cid == kCidHypervisor) return "hypervisor";
  if (cid == kCidLocal) return "local";
  if (cid == kCidHost) return "host";
  if (cid == kCidAny) return "any";
  return {};
}

}  // namespace vsdump
