// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/text/line_buffer.h"
#include "dissector/payload/message.h"

namespace vsdump {

/// How vsdump messages prints one message.
struct MessageStyle {
  bool numericNames = false;  ///< "2:1024" instead of "host:1024"
};

/// "13:04:50.1 #1 host:52197 -> 42:1024 kata CreateContainer id=c0ffee: ok, 31.4 ms", a line. The
/// caller puts the time before it.
void putMessageLine(LineBuffer& out, const payload::Message& message, MessageStyle style);

/// The same as a JSON object on a line; docs/json.md has its keys.
void putMessageJson(LineBuffer& out, const payload::Message& message);

}  // namespace vsdump
