// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "wireshark-plugin/epan.h"

namespace vsdump {

/// Makes the dissector vsockmon.json known, which gives each line to Wireshark's JSON dissector and
/// leaves the columns alone.
void registerJsonLines();

/// It.
dissector_handle_t jsonLines();

/// Finds that dissector.
void findJsonDissector();

}  // namespace vsdump
