// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace vsdump {

/// The libraries that captures are made and read with, one line each, as they are loaded now:
/// "libpcap version 1.10.3 (with TPACKET_V3)".
std::vector<std::string> libraryVersions();

}  // namespace vsdump
