// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "dissector/filter/ast.h"
#include "dissector/filter/facts.h"

namespace vsdump::filter {

/// What must be known to answer a condition; each includes those before it.
enum class Need : std::uint8_t {
  Record,      ///< the packet's record alone
  Loopback,    ///< whose reply a packet over loopback is
  Connection,  ///< the packet's connection, which the packets up to it tell
  Capture,     ///< what becomes of the connection, which only the whole capture tells
};

Need needOf(const Expression& expression);

/// The first part of a condition that needs no less than `need`; nullptr where there is none.
const Expression* firstThatNeeds(const Expression& expression, Need need);

/// The findings that `finding-packet` is asked for.
FindingSet findingsOfPackets(const Expression& expression);

}  // namespace vsdump::filter
