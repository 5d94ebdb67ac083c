// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/filter/ast.h"
#include "dissector/filter/lexer.h"
#include "dissector/filter/primitives.h"
#include "dissector/filter/problem.h"
#include "dissector/names/protocol_names.h"
#include "dissector/names/service_names.h"

namespace vsdump::filter {

/// One value of a primitive: ports are ranges, of which a name can have several.
struct Value {
  std::uint64_t number = 0;
  std::vector<PortRange> ranges{};
  std::string name{};  ///< of a service
};

/// Reads what stands behind `cid`, `port`, `op` and so on: numbers and names.
///
/// **Lifetime** borrows the services.
class ValueReader {
 public:
  explicit ValueReader(const ServiceNames& services) : services_(services) {}

  /// Reads one value and moves `at` behind it. `word` is what the value belongs to.
  std::optional<Problem> read(Primitive kind, const Token& word, const std::vector<Token>& tokens,
                              std::size_t& at, Value& value) const;

  /// The ports that bear this name.
  std::vector<PortRange> serviceNamed(std::string_view name) const;

 private:
  std::optional<Problem> readName(Primitive kind, const Token& token, std::string_view name,
                                  Value& value) const;

  const ServiceNames& services_;
};

/// The condition that a primitive makes of its values.
ExpressionPtr conditionOf(Primitive kind, AddressSide side, const std::vector<Value>& values);

/// The names that may stand for the values of a primitive; none where they are numbers or free
/// text.
std::span<const FieldName> wordsOf(Primitive kind);

/// The row whose word or name for people this is; capitals do not count. None: nullptr.
const FieldName* findWord(std::span<const FieldName> names, std::string_view word);

FlagIs flagNamed(std::string_view word);

/// The bytes of a number in hexadecimal digits; nothing where it has none or half a byte.
std::optional<std::vector<std::byte>> hexBytes(const Token& token);

/// What to write instead of a word that other filters have for other networks; empty for any other
/// word.
std::string_view hintForForeignWord(std::string_view word);

/// The primitive that takes this word as a value; empty where there is none.
std::string_view ownerOfValue(std::string_view word);

}  // namespace vsdump::filter
