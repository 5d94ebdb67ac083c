// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "cli/analysis/analysis.h"
#include "cli/text/line_buffer.h"

namespace vsdump {

/// The largest whole number that JavaScript and jq keep exactly: larger ones are JSON strings.
inline constexpr std::uint64_t kLargestExactNumber = std::uint64_t{1} << 53;

/// "to_server", "to_client".
std::string_view directionWord(Direction direction);

/// `,"KEY":{"cid":3,"port":1024}`.
void putAddressKey(LineBuffer& out, std::string_view key, const Address& address);

/// `,"KEY":"1732277000.123456789"`, or null for a time that is not known.
void putTimeKey(LineBuffer& out, std::string_view key, std::int64_t timeNs);

}  // namespace vsdump
