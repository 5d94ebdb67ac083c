// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "capture/error.h"

namespace vsdump {

/// A link type for a person: "EN10MB (Ethernet)", or "number 4711" where it has no name.
std::string linkTypeName(std::uint16_t linkType);

/// The refusal of a capture file whose link type is not VSOCK.
Error wrongLinkType(std::string file, std::uint16_t linkType);

}  // namespace vsdump
