// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/text/line_buffer.h"
#include "cli/text/packet_context.h"
#include "dissector/wire/packet.h"

namespace vsdump {

struct ConnectionTextStyle {
  bool names = true;
  bool color = false;
};

/// "#1 ssh? -> ": the packet's connection, the service at its server and which way the packet goes;
/// the first packet of a connection has the names of both ends, "#1 ssh? host -> 42 ".
void putConnection(LineBuffer& out, const Packet& packet, const PacketContext& context,
                   ConnectionTextStyle style);

/// What belongs behind the operation: " after 790 us" of the answer to a REQUEST, and
/// ", credit 0 of 262144" where less than half of the receiver's buffer is left.
void putCircumstances(LineBuffer& out, const Packet& packet, const PacketContext& context);

/// Whether there is nothing to tell about a packet of a connection, beside what it is and which way
/// it goes: no circumstances, and no problem but the record's own.
bool isPlain(const PacketContext& context);

/// " ! tap-excess, connect-refused, #3 connect-unanswered": what is wrong with the record and what
/// it shows about connections. `context` is nullptr where connections are not followed.
void putProblems(LineBuffer& out, Anomalies anomalies, const PacketContext* context, bool color);

}  // namespace vsdump
