// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "dissector/payload/announcements.h"
#include "dissector/payload/message.h"
#include "dissector/wire/bytes.h"

namespace vsdump::payload {

/// Whether a service is one of Kata's agent: over ttRPC, and over gRPC before 2.0.
bool isKataService(std::string_view service);

/// Whether the agent answers a method only when something happens, so that its latency says
/// nothing. **Source** kata-containers src/runtime-rs, which waits for exactly these without limit.
bool isKataLongPoll(std::string_view method);

/// Adds what is worth printing of the body of a request or a reply. Environments and standard
/// streams are among it only with `showsSecrets`, files and policies never.
void putKataFields(Details& details, std::string_view method, bool isReply, Bytes body,
                   bool showsSecrets);

/// Says whose standard streams the connections are that a request names by their ports:
/// CreateContainer and ExecProcess, of which `details` has the fields. `caller` has made the
/// request.
/// **Source** kata-containers src/agent/src/passfd_io.rs.
void announceKataStreams(Announcements& announcements, std::uint32_t source, Cid caller,
                         const Details& details);

}  // namespace vsdump::payload
