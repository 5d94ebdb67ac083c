// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "dissector/filter/filter.h"
#include "dissector/names/protocol_names.h"

namespace vsdump::filter {

namespace {

constexpr std::array<std::string_view, 10> kOperatorSigns = {"+", "-", "*", "/",  "%",
                                                             "&", "|", "^", "<<", ">>"};
constexpr std::array<std::string_view, 6> kRelationSigns = {"=", "!=", "<", "<=", ">", ">="};
constexpr std::array<std::string_view, 4> kSides = {"", "src ", "dst ", "src and dst "};

std::string_view signOf(RelationOp op) {
  return kRelationSigns[static_cast<std::size_t>(op)];
}

/// Several values as a list, one alone.
template <typename Values, typename Put>
std::string list(const Values& values, Put put) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : " or ") + put(value);
  return values.size() > 1 ? '(' + out + ')' : out;
}

bool isPlainWord(std::string_view name) {
  const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && isLetter(name.front()) && name.back() != '-' &&
         name.find("--") == name.npos && std::ranges::all_of(name, [&](char c) {
           return isLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

class Writer {
 public:
  std::string operator()(const Constant& constant) const {
    return constant.value ? "1 = 1" : "0 = 1";
  }

  std::string operator()(const Not& inverted) const { return "not " + grouped(*inverted.operand); }

  std::string operator()(const AllOf& all) const { return joined(all.operands, " and "); }
  std::string operator()(const AnyOf& any) const { return joined(any.operands, " or "); }

  std::string operator()(const CidIs& cid) const {
    return std::string(kSides[static_cast<std::size_t>(cid.side)]) + "cid " +
           list(cid.cids, [](Cid one) { return std::to_string(raw(one)); });
  }

  std::string operator()(const PortIn& port) const {
    const std::string side(kSides[static_cast<std::size_t>(port.side)]);
    bool isRanges = false;
    for (const PortRange& range : port.ranges) isRanges |= range.first != range.last;
    return side + (isRanges ? "portrange " : "port ") +
           list(port.ranges, [&](const PortRange& range) {
             const std::string first = std::to_string(raw(range.first));
             return isRanges ? first + '-' + std::to_string(raw(range.last)) : first;
           });
  }

  std::string operator()(const ConnectionIs& connection) const {
    const auto address = [](const Address& one) {
      return ' ' + std::to_string(raw(one.cid)) + '.' + std::to_string(raw(one.port));
    };
    return "conn" + address(connection.one) + address(connection.other);
  }

  std::string operator()(const FieldIs& fieldIs) const {
    if (fieldIs.field == Field::MonitorOp) {
      return std::string(monitorOpNames()[fieldIs.values.front()].word);
    }
    const auto [word, names] = fieldIs.field == Field::Op ? std::pair{"op ", virtioOpNames()}
                               : fieldIs.field == Field::Type
                                   ? std::pair{"type ", virtioTypeNames()}
                                   : std::pair{"transport ", transportNames()};
    return word + list(fieldIs.values, [&names = names](std::uint16_t value) {
             const FieldName* name = find(names, value);
             return name != nullptr ? std::string(name->word) : std::to_string(value);
           });
  }

  std::string operator()(const FlagIs& flag) const { return std::string(flag.word); }

  std::string operator()(const Relation& relation) const {
    return number(*relation.left) + ' ' + std::string(signOf(relation.op)) + ' ' +
           number(*relation.right);
  }

  std::string operator()(const CidRelation& relation) const {
    return std::string(rowOf(relation.field).word) + ' ' + std::string(signOf(relation.op)) + ' ' +
           std::to_string(relation.value);
  }

  std::string operator()(const PayloadContains& contains) const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out = "payload contains 0x";
    for (const std::byte byte : contains.bytes) {
      out += kDigits[std::to_integer<unsigned>(byte) >> 4];
      out += kDigits[std::to_integer<unsigned>(byte) & 15];
    }
    return out;
  }

  std::string operator()(const NumberIs& number) const {
    return "connection " +
           list(number.ids, [](ConnectionId id) { return std::to_string(raw(id)); });
  }

  std::string operator()(const FindingIs& finding) const {
    return (finding.isOfPacket ? "finding-packet " : "finding ") +
           words(findingWords(), finding.findings);
  }

  std::string operator()(const StateIs& state) const {
    return "state " + words(stateWords(), state.states);
  }

  std::string operator()(const ServiceIs& service) const {
    return "service " + list(service.names, [](const std::string& name) {
             return isPlainWord(name) ? name : quoted(name);
           });
  }

 private:
  /// The words of the bits that are set.
  static std::string words(std::span<const FieldName> names, std::uint64_t set) {
    std::vector<std::string> out;
    for (const FieldName& name : names) {
      if (((set >> name.value) & 1) != 0) out.emplace_back(name.word);
    }
    return list(out, [](const std::string& word) { return word; });
  }

  static std::string grouped(const Expression& expression) {
    const bool isGroup = std::holds_alternative<AllOf>(expression.what) ||
                         std::holds_alternative<AnyOf>(expression.what);
    return isGroup ? '(' + toText(expression) + ')' : toText(expression);
  }

  static std::string joined(const std::vector<ExpressionPtr>& operands, std::string_view word) {
    std::string out;
    for (const ExpressionPtr& operand : operands) {
      if (!out.empty()) out += word;
      out += grouped(*operand);
    }
    return out;
  }

  static std::string number(const Number& number) {
    if (const auto* literal = std::get_if<Literal>(&number.what)) {
      return std::to_string(literal->value);
    }
    if (const auto* field = std::get_if<FieldValue>(&number.what)) {
      return std::string(rowOf(field->field).word);
    }
    if (const auto* load = std::get_if<Load>(&number.what)) {
      return "link[" + Writer::number(*load->index) + ':' + std::to_string(load->sizeBytes) + ']';
    }
    const auto& both = std::get<Binary>(number.what);
    const auto operand = [](const Number& one) {
      const std::string text = Writer::number(one);
      return std::holds_alternative<Binary>(one.what) ? '(' + text + ')' : text;
    };
    return operand(*both.left) + ' ' +
           std::string(kOperatorSigns[static_cast<std::size_t>(both.op)]) + ' ' +
           operand(*both.right);
  }
};

}  // namespace

std::string toText(const Expression& expression) {
  return std::visit(Writer(), expression.what);
}

}  // namespace vsdump::filter
