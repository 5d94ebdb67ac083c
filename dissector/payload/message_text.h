// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "dissector/payload/message.h"

namespace vsdump::payload {

/// "kata CreateContainer id=c0ffee01": the protocol, the call and what it says, escaped. A value
/// with blanks in it is in quotes.
void appendRequestText(std::string& out, const Message& message);

/// "ok status=0", "error Not Found status=404", "unanswered": what became of it, escaped.
/// Nothing for a message that asks for nothing.
void appendReplyText(std::string& out, const Message& message);

}  // namespace vsdump::payload
