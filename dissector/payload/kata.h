// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "dissector/payload/message.h"
#include "dissector/wire/bytes.h"

namespace vsdump::payload {

/// Whether a service is one of Kata's agent: over ttRPC, and over gRPC before 2.0.
bool isKataService(std::string_view service);

/// Whether the agent answers a method only when something happens, so that its latency says
/// nothing. **Source** kata-containers src/runtime-rs, which waits for exactly these without limit.
bool isKataLongPoll(std::string_view method);

/// Adds what is worth printing of the body of a request or a reply. Nothing of standard streams,
/// environments, files or policies is among it.
void putKataFields(Details& details, std::string_view method, bool isReply, Bytes body);

}  // namespace vsdump::payload
