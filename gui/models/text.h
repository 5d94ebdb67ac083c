// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// The words of the window's cells; tables, diagram and details all use these.

QString toQt(std::string_view text);

/// "host:5000", "42:1234".
QString addressText(const Address& address);

/// "RW", "CREDIT_UPDATE"; "op 77" for one without a name.
QString opText(std::uint16_t op);

/// The op of any packet: virtio's, else what the tap made of it, "CONTROL".
QString opText(const Packet& packet);

/// "13.642123": seconds since the beginning of the trace.
QString relativeTimeText(std::int64_t timeNs, std::int64_t startNs);

/// "790 us", "31.4 ms"; empty for a negative one.
QString durationCell(std::int64_t nanoseconds);

/// "48.1 KiB".
QString bytesCell(std::uint64_t bytes);

/// "closed by client", "half closed by server", "partial".
QString stateText(const ConnectionSummary& connection);

/// The service that listens there, with a question mark when only the port tells; or empty.
QString serviceText(const ConnectionSummary& connection);

/// "#3 host:52201 → 42:10809".
QString titleOf(const ConnectionSummary& connection);

/// What there is to say about a packet beside its addresses and op: flags, credit, what is unusual,
/// and the findings that it brought.
QString infoText(const Packet& packet, const Observation& observation,
                 std::span<const Finding> findings);

/// The findings that a set has a bit for, the worst first.
std::vector<FindingRow> rowsOf(std::uint64_t findings);

}  // namespace vsdump::gui
