// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace vsdump {

/// Makes text from a capture fit to show on a terminal, in a file of text, or in a widget: what can
/// move the cursor, colour the screen, turn the reading direction, hide itself or break UTF-8 is
/// shown as a backslash escape, everything else is left as it is.
///
/// `\n`, `\r` and `\t` for these three, `\\` for the backslash, `\xNN` for other bytes (C0, DEL,
/// bytes that are no valid UTF-8) and `\u{NNNN}` for code points (C1, bidirectional and zero-width
/// marks, line separators, tags, private and unassigned planes). The result is valid UTF-8 and
/// tells every input apart.
void appendEscaped(std::string& out, std::string_view text);

std::string escaped(std::string_view text);

/// The same text as the inside of a JSON string: first made valid and harmless as above, then
/// quoted as JSON demands.
void appendJsonEscaped(std::string& out, std::string_view text);

/// A whole JSON string, with its quotes.
std::string jsonString(std::string_view text);

}  // namespace vsdump
