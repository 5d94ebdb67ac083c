// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>
#include <cstddef>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// One line of a packet's details, and the bytes of the record that it is read from.
struct DetailField {
  QString name;
  QString value;
  int depth = 0;           ///< 0 for headings
  std::size_t offset = 0;  ///< bytes into the record
  std::size_t length = 0;  ///< 0: not read from bytes of this record
  QString filter{};        ///< selects the packets with this value; empty for none
};

/// All that is known about a packet, as lines of a tree in order.
/// **Lifetime** `connection` may be nullptr.
std::vector<DetailField> detailsOf(const PacketBytes& packet, const Observation& observation,
                                   const ConnectionSummary* connection, std::int64_t traceStartNs);

}  // namespace vsdump::gui
