// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>

#include "cli/analysis/analysis.h"
#include "cli/text/line_buffer.h"

namespace vsdump {

/// Appends a connection as a JSON object and a line feed; docs/json.md describes the keys.
void putConnectionJson(LineBuffer& out, const ConnectionRow& row, ServiceName service,
                       std::span<const Stall> stalls, const FindingBook& findings);

}  // namespace vsdump
