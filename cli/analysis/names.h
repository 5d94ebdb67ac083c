// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "cli/analysis/analysis.h"
#include "cli/text/line_buffer.h"

namespace vsdump {

/// "to_server", "to_client".
std::string_view directionWord(Direction direction);

/// `,"KEY":{"cid":3,"port":1024}`.
void putAddressKey(LineBuffer& out, std::string_view key, const Address& address);

/// `,"KEY":"1732277000.123456789"`, or null for a time that is not known.
void putTimeKey(LineBuffer& out, std::string_view key, std::int64_t timeNs);

}  // namespace vsdump
