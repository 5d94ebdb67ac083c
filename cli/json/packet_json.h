// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/text/line_buffer.h"
#include "cli/text/packet_context.h"
#include "dissector/wire/packet.h"

namespace vsdump {

/// Appends one packet as a JSON object and a line feed. docs/json.md describes the keys and
/// docs/packet.schema.json is their schema. Everything in it comes from numbers and from tables of
/// names, so nothing needs escaping. `context` is what its connection says about it, nullptr where
/// connections are not followed.
void putPacketJson(LineBuffer& out, const Frame& frame, const Packet& packet,
                   const PacketContext* context = nullptr);

}  // namespace vsdump
