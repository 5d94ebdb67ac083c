// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/text/line_buffer.h"
#include "dissector/wire/packet.h"

namespace vsdump {

/// What writeTcpdumpLine() takes at most: four numbers of 20 digits for the addresses, one for the
/// length, a few names and what stands between.
inline constexpr std::size_t kLongestTcpdumpLine = 256;

/// tcpdump's one line about a packet, from the transport's name to "length N", without the time and
/// the line feed. A record without a whole vsockmon header gives " [|vsock]". Returns its end.
/// **Source** the output of tcpdump 4.99.3; docs/tcpdump.md lists where this differs.
char* writeTcpdumpLine(char* to, const Frame& frame, const Packet& packet);

/// The two parts of that line of a record with a whole vsockmon header: "VIRTIO 2.1024 > 42.5000 "
/// and "PAYLOAD, length 103".
char* writeTcpdumpEnds(char* to, const Packet& packet);
char* writeTcpdumpOp(char* to, const Frame& frame, const Packet& packet);

/// The same with tcpdump's -v (`verbosity` 1) and -vv (2 and more), which need several lines.
void putTcpdumpDetails(LineBuffer& out, const Frame& frame, const Packet& packet, int verbosity);

/// tcpdump's complaint about a record whose lengths make no sense, which it prints instead of the
/// time and the packet. Appends nothing and returns false for every other record.
bool putTcpdumpInvalidHeader(LineBuffer& out, const Frame& frame);

}  // namespace vsdump
