// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "cli/text/line_buffer.h"
#include "dissector/wire/bytes.h"

namespace vsdump {

/// Sixteen bytes a row, as tcpdump's -x: each row begins with `rowStart` and the offset.
void putHexDump(LineBuffer& out, Bytes bytes, std::string_view rowStart);

/// The same with the printable characters beside it, as tcpdump's -X.
void putHexAsciiDump(LineBuffer& out, Bytes bytes, std::string_view rowStart);

/// The bytes as text, as tcpdump's -A: a line feed first, then what ASCII can print, tabs and line
/// feeds, and a point for each other byte.
void putAsciiDump(LineBuffer& out, Bytes bytes);

}  // namespace vsdump
