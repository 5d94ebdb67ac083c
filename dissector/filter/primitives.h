// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace vsdump::filter {

/// What a word at the beginning of a condition stands for.
enum class Primitive {
  Cid,
  Port,
  PortRange,
  Connection,
  Op,
  MonitorOp,
  Type,
  Transport,
  Flag,
  Less,
  Greater,
  Relation,
  Link,
  PayloadContains,
  ConnectionNumber,
  Finding,
  FindingPacket,
  State,
  Service,
};

/// One primitive. Documents, suggestions and completions come from these rows.
struct PrimitiveRow {
  Primitive kind;
  std::string_view word;
  std::string_view argument;  ///< what follows the word; empty for a word that stands alone
  std::string_view help;      ///< which packets match: "packets ...", without a full stop
  std::string_view example;   ///< a whole filter
  bool takesSide = false;     ///< whether `src` and `dst` may stand before it
};

std::span<const PrimitiveRow> primitiveTable();

/// The row of a word, or nullptr.
const PrimitiveRow* findPrimitive(std::string_view word);

/// A line of the grammar, and filters that need it.
struct GrammarRow {
  std::string_view rule;     ///< in EBNF
  std::string_view example;  ///< a whole filter
};

std::span<const GrammarRow> grammarTable();

}  // namespace vsdump::filter
