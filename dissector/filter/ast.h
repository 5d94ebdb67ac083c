// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dissector/connection/observation.h"
#include "dissector/filter/facts.h"
#include "dissector/filter/fields.h"
#include "dissector/wire/types.h"
#include "dissector/wire/virtio.h"

namespace vsdump::filter {

struct Expression;
struct Number;

/// Trees are immutable, so that filters share what they have in common.
using ExpressionPtr = std::shared_ptr<const Expression>;
using NumberPtr = std::shared_ptr<const Number>;

// Numbers: unsigned arithmetic of 32 bits, as in pcap-filter(7).

enum class Operator : std::uint8_t { Add, Sub, Mul, Div, Mod, And, Or, Xor, ShiftLeft, ShiftRight };

struct Literal {
  std::uint32_t value;
};
/// A field of at most 32 bits.
struct FieldValue {
  Field field;
};
/// `link[index:size]`: bytes of the record, of which the first counts most.
struct Load {
  NumberPtr index;
  std::uint8_t sizeBytes;  ///< 1, 2 or 4
};
/// Division by 0 is like a load behind the end. Shifting by 32 or more gives 0.
struct Binary {
  Operator op;
  NumberPtr left;
  NumberPtr right;
};

struct Number {
  std::variant<Literal, FieldValue, Load, Binary> what;
};

// Conditions.

/// Which of a packet's two addresses is meant.
enum class AddressSide : std::uint8_t { Either, Source, Destination, Both };

enum class RelationOp : std::uint8_t {
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual
};

struct Constant {
  bool value;
};
struct Not {
  ExpressionPtr operand;
};
/// Of the operands, as many are looked at as it takes, from the first on.
struct AllOf {
  std::vector<ExpressionPtr> operands;
};
struct AnyOf {
  std::vector<ExpressionPtr> operands;
};

/// `cid`. With AddressSide::Either the connection is meant, which on loopback the packets do not
/// spell out.
struct CidIs {
  AddressSide side;
  std::vector<Cid> cids;
};

struct PortRange {
  Port first;
  Port last;
};
/// `port`, `portrange`.
struct PortIn {
  AddressSide side;
  std::vector<PortRange> ranges;
};

/// `conn`: a connection between these two, in either direction.
struct ConnectionIs {
  Address one;
  Address other;
};

/// A field of 16 bits that has one of these values: `op`, `type`, `transport`, `connect`.
struct FieldIs {
  Field field;
  std::vector<std::uint16_t> values;
};

/// `eom` and its like: a flag of packets of one op (and type).
struct FlagIs {
  std::string_view word;
  std::uint32_t bit;
  VirtioOp op;
  std::optional<VirtioType> type;
};

struct Relation {
  NumberPtr left;
  RelationOp op;
  NumberPtr right;
};

/// A relation on `src_cid` or `dst_cid`, the fields of 64 bits.
struct CidRelation {
  Field field;
  RelationOp op;
  std::uint64_t value;
};

struct PayloadContains {
  std::vector<std::byte> bytes;
};

// Conditions on the packet's connection that its record does not answer: see Facts.

/// `connection`: its number is one of these.
struct NumberIs {
  std::vector<ConnectionId> ids;
};

/// `finding`: the connection has one of these findings. `finding-packet`: the packet proves one.
struct FindingIs {
  FindingSet findings = 0;
  bool isOfPacket = false;
};

/// `state`: the connection is in one of these.
struct StateIs {
  StateSet states = 0;
};

/// `service`: the likeliest service of the connection has one of these names.
struct ServiceIs {
  std::vector<std::string> names;
};

struct Expression {
  std::variant<Constant, Not, AllOf, AnyOf, CidIs, PortIn, ConnectionIs, FieldIs, FlagIs, Relation,
               CidRelation, PayloadContains, NumberIs, FindingIs, StateIs, ServiceIs>
      what;
};

template <typename T>
ExpressionPtr makeExpression(T what) {
  return std::make_shared<const Expression>(Expression{std::move(what)});
}
template <typename T>
NumberPtr makeNumber(T what) {
  return std::make_shared<const Number>(Number{std::move(what)});
}

/// Joins conditions, flattening what is joined the same way already and leaving out what decides
/// nothing.
ExpressionPtr allOf(std::vector<ExpressionPtr> operands);
ExpressionPtr anyOf(std::vector<ExpressionPtr> operands);
ExpressionPtr negated(ExpressionPtr operand);

/// Numbers put together; those of literals are computed.
NumberPtr binary(Operator op, NumberPtr left, NumberPtr right);

/// What an operator makes of two numbers; nothing for a division by 0.
std::optional<std::uint32_t> apply(Operator op, std::uint32_t left, std::uint32_t right);

bool holds(RelationOp op, std::uint64_t left, std::uint64_t right);

/// Whether a service goes by a name of `service`: its own, or the part before a dash ("kata" of
/// "kata-agent").
bool isServiceNamed(std::string_view service, std::string_view name);

/// Whether a number asks for a field of the virtio header.
bool usesVirtio(const Number& number);

}  // namespace vsdump::filter
