// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits>

#include "dissector/filter/parser.h"
#include "dissector/filter/signs.h"
#include "dissector/names/protocol_names.h"
#include "dissector/text/escape.h"
#include "dissector/text/near_word.h"

namespace vsdump::filter {

ExpressionPtr Parser::condition() {
  const Token& token = peek();
  if (token.kind == TokenKind::End) {
    return refuse(token, "the filter ends where a condition should stand",
                  "`not`, `and` and `or` go before a condition, such as `port 1024`.");
  }
  if (isWord("src") || isWord("dst")) return side();
  if (token.kind == TokenKind::Word) {
    if (const PrimitiveRow* row = findPrimitive(token.spelling)) {
      if (row->kind == Primitive::Relation || row->kind == Primitive::Link) return relation();
      return primitive(*row, AddressSide::Either);
    }
    // `payload contains` is two words.
    if (last_ && !isWord("contains")) return values(last_->kind, last_->side, last_->word);
    return refuseUnknown(token);
  }
  if (token.kind == TokenKind::Number && last_ && isValueAlone()) {
    return values(last_->kind, last_->side, last_->word);
  }
  if (token.kind == TokenKind::Number || isSign("(") || isSign("-")) return relation();
  if (token.kind == TokenKind::Text && last_) {
    return values(last_->kind, last_->side, last_->word);
  }
  return refuse(token, "a condition should stand here", "Such as `port 1024` or `op rst`.");
}

/// Whether the number that follows is a value and not the beginning of a relation.
bool Parser::isValueAlone() const {
  const auto isComputedWith = [&](std::size_t ahead) {
    return findSign(kRelations, peek(ahead)) != nullptr ||
           findSign(kOperators, peek(ahead)) != nullptr;
  };
  const bool isRange =
      last_->kind == Primitive::PortRange && isSign("-", 1) && peek(2).kind == TokenKind::Number;
  return !isComputedWith(isRange ? 3 : 1);
}

std::nullptr_t Parser::refuseUnknown(const Token& token) {
  const std::string word(token.spelling);
  if (const auto hint = hintForForeignWord(word); !hint.empty()) {
    return refuse(token, "`" + word + "` is no word of vsock filters", std::string(hint));
  }
  if (const auto ports = values_.serviceNamed(word); !ports.empty()) {
    return refuse(token, "`" + word + "` is the name of a port and no condition",
                  "Did you mean `port " + word + "`?");
  }
  if (const auto owner = ownerOfValue(word); !owner.empty()) {
    return refuse(token, "`" + word + "` is no condition by itself",
                  "Did you mean `" + std::string(owner) + " " + word + "`?");
  }
  if (const std::size_t dash = word.find('-'); dash != std::string::npos) {
    if (findField(word.substr(0, dash)) != nullptr) {
      return refuse(token, "`" + word + "` is read as one word",
                    "A minus needs blanks around it here.");
    }
  }
  NearWord near(word);
  for (const PrimitiveRow& row : primitiveTable()) near.offer(row.word);
  for (const std::string_view other : {"src", "dst", "not"}) near.offer(other);
  const auto meant = near.closest();
  return refuse(
      token, "`" + escaped(word) + "` is no word of vsock filters",
      meant ? "Did you mean `" + std::string(*meant) + "`?" : "vsdump-filter(7) lists them.");
}

/// What follows `src` or `dst`.
ExpressionPtr Parser::side() {
  AddressSide side = isWord("src") ? AddressSide::Source : AddressSide::Destination;
  if (isWord("src") && isWord("dst", 2) && (isOr(1) || isAnd(1)) &&
      peek(1).kind == TokenKind::Word) {
    side = isOr(1) ? AddressSide::Either : AddressSide::Both;
    at_ += 2;
  }
  const Token word = peek();
  ++at_;
  const Token& next = peek();
  const PrimitiveRow* row = next.kind == TokenKind::Word ? findPrimitive(next.spelling) : nullptr;
  if (row != nullptr && row->takesSide) {
    const Token& behind = peek(1);
    const bool hasValue = (behind.kind == TokenKind::Word && !isAnd(1) && !isOr(1)) ||
                          behind.kind == TokenKind::Number || isSign("(", 1) ||
                          behind.kind == TokenKind::Text;
    // `dst host` alone names the CID 2.
    if (row->word != "host" || hasValue) return primitive(*row, side);
    row = nullptr;
  }
  if (row != nullptr) {
    return refuse(next, "`" + std::string(word.spelling) + "` goes before cid, port and portrange");
  }
  last_ = Last{Primitive::Cid, side, word};
  return values(Primitive::Cid, side, word);
}

ExpressionPtr Parser::primitive(const PrimitiveRow& row, AddressSide side) {
  const Token word = peek();
  ++at_;
  if (isWord("contains") && row.word == "payload") return contains();
  last_.reset();
  switch (row.kind) {
    case Primitive::Cid:
    case Primitive::Port:
    case Primitive::PortRange:
    case Primitive::Op:
    case Primitive::Type:
    case Primitive::Transport:
    case Primitive::ConnectionNumber:
    case Primitive::Finding:
    case Primitive::FindingPacket:
    case Primitive::State:
    case Primitive::Service:
      last_ = Last{row.kind, side, word};
      return values(row.kind, side, word);
    case Primitive::MonitorOp: {
      const FieldName* name = findWord(monitorOpNames(), row.word);
      return makeExpression(FieldIs{Field::MonitorOp, {static_cast<std::uint16_t>(name->value)}});
    }
    case Primitive::Flag:
      return makeExpression(flagNamed(row.word));
    case Primitive::Connection:
      return connection();
    case Primitive::Less:
      return length(RelationOp::LessOrEqual);
    case Primitive::Greater:
      return length(RelationOp::GreaterOrEqual);
    case Primitive::Relation:
    case Primitive::Link:
    case Primitive::PayloadContains:
      break;
  }
  return refuse(word, "a condition should stand here");
}

/// One value or several in parentheses.
ExpressionPtr Parser::values(Primitive kind, AddressSide side, const Token& word) {
  if (const RelationSign* sign = findSign(kRelations, peek())) {
    const bool isUnequal = sign->op == RelationOp::NotEqual;
    return refuse(peek(), "`" + std::string(word.spelling) + "` takes no relation",
                  std::string("Write `") + (isUnequal ? "not " : "") + std::string(word.spelling) +
                      " " + std::string(peek(1).spelling) + "`.");
  }
  std::vector<Value> list;
  const bool isList = takeSign("(");
  do {
    Value value;
    if (const auto problem = values_.read(kind, word, tokens_, at_, value)) return refuse(*problem);
    list.push_back(std::move(value));
  } while (isList && isOr() && (++at_, true));
  if (isList && !takeSign(")")) {
    return refuse(peek(), "a list of values has `or` between them and ends with )");
  }
  return conditionOf(kind, side, list);
}

bool Parser::address(Address& address) {
  Value cid;
  Value port;
  const Token& first = peek();
  auto problem = values_.read(Primitive::Cid, first, tokens_, at_, cid);
  if (!problem && !takeSign(".") && !takeSign(":")) {
    refuse(peek(), "`conn` needs two addresses of the form CID.PORT",
           "Such as `conn 3.1024 2.1234`.");
    return false;
  }
  const Token& second = peek();
  if (!problem) problem = values_.read(Primitive::Port, second, tokens_, at_, port);
  if (!problem && port.ranges.size() != 1) {
    problem = Problem{second.offset, second.spelling.size(), "this name stands for several ports"};
  } else if (!problem && port.ranges.front().first != port.ranges.front().last) {
    problem = Problem{second.offset, second.spelling.size(), "an address has one port"};
  }
  if (problem) {
    refuse(*problem);
    return false;
  }
  address = {Cid{cid.number}, port.ranges.front().first};
  return true;
}

ExpressionPtr Parser::connection() {
  ConnectionIs connection{};
  if (!address(connection.one) || !address(connection.other)) return nullptr;
  return makeExpression(connection);
}

ExpressionPtr Parser::length(RelationOp op) {
  const Token& token = peek();
  if (token.kind != TokenKind::Number) return refuse(token, "a length in bytes should stand here");
  if (token.isTooLarge || token.value > std::numeric_limits<std::uint32_t>::max()) {
    return refuse(token, "this number is too large: lengths have 32 bits");
  }
  ++at_;
  return makeExpression(Relation{makeNumber(FieldValue{Field::Len}), op,
                                 makeNumber(Literal{static_cast<std::uint32_t>(token.value)})});
}

ExpressionPtr Parser::contains() {
  ++at_;
  const Token& token = peek();
  PayloadContains contains;
  if (token.kind == TokenKind::Text || token.kind == TokenKind::Word) {
    const std::string_view text = token.kind == TokenKind::Text ? token.text : token.spelling;
    for (const char letter : text) contains.bytes.push_back(static_cast<std::byte>(letter));
  } else if (const auto bytes = hexBytes(token)) {
    contains.bytes = *bytes;
  }
  if (contains.bytes.empty()) {
    return refuse(token, "`payload contains` needs text, or bytes in hexadecimal digits",
                  "Such as `payload contains \"GET /\"` or `payload contains 0x474554`.");
  }
  ++at_;
  last_.reset();
  return makeExpression(std::move(contains));
}

}  // namespace vsdump::filter
