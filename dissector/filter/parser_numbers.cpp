// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits>

#include "dissector/filter/parser.h"
#include "dissector/filter/signs.h"

namespace vsdump::filter {

ExpressionPtr Parser::relation() {
  last_.reset();
  computations_ = 0;
  const auto isWide = [&](std::size_t ahead) {
    return isWord("src_cid", ahead) || isWord("dst_cid", ahead);
  };
  if (isWide(0) || (peek().kind == TokenKind::Number && isWide(2))) return wideRelation();
  NumberPtr left = sum();
  if (!left) return nullptr;
  const RelationSign* sign = findSign(kRelations, peek());
  if (sign == nullptr) {
    return refuse(peek(), "a comparison should stand here", "Such as `= 0` or `> 1000`.");
  }
  ++at_;
  NumberPtr right = sum();
  if (!right) return nullptr;
  const auto* a = std::get_if<Literal>(&left->what);
  const auto* b = std::get_if<Literal>(&right->what);
  if (a != nullptr && b != nullptr) {
    return makeExpression(Constant{holds(sign->op, a->value, b->value)});
  }
  return makeExpression(Relation{std::move(left), sign->op, std::move(right)});
}

/// The fields of 64 bits are compared with a number and nothing else.
ExpressionPtr Parser::wideRelation() {
  const bool fieldIsFirst = peek().kind == TokenKind::Word;
  const Token& field = peek(fieldIsFirst ? 0 : 2);
  const Token& number = peek(fieldIsFirst ? 2 : 0);
  const RelationSign* sign = findSign(kRelations, peek(1));
  const Token& behind = peek(3);
  if (sign == nullptr || number.kind != TokenKind::Number ||
      findSign(kOperators, behind) != nullptr) {
    return refuse(field, "`" + std::string(field.spelling) + "` is compared with a number only",
                  "Such as `src_cid >= 3`.");
  }
  if (number.isTooLarge) return refuse(number, "this number is too large: CIDs have 64 bits");
  at_ += 3;
  return makeExpression(CidRelation{findField(field.spelling)->field,
                                    fieldIsFirst ? sign->op : sign->mirrored, number.value});
}

/// Everything between two parentheses, brackets or relation signs.
NumberPtr Parser::sum() {
  const int outer = std::exchange(operators_, 0);
  const Token* const outerDoubtful = std::exchange(doubtful_, nullptr);
  NumberPtr result = sum(1);
  if (result && doubtful_ != nullptr && operators_ > 1) {
    // libpcap has given these two no strength, and computes a / b % c as a / (b % c).
    result = refuse(*doubtful_, "% and ^ beside other operators are read in more than one way",
                    "Parentheses say which is meant.");
  }
  operators_ = outer;
  doubtful_ = outerDoubtful;
  return result;
}

NumberPtr Parser::sum(int leastStrength) {
  NumberPtr left = term();
  while (left && !problem_) {
    const Token& token = peek();
    const BinaryOperator* sign = findSign(kOperators, token);
    if (sign == nullptr || sign->strength < leastStrength) break;
    ++operators_;
    if (sign->op == Operator::Mod || sign->op == Operator::Xor) doubtful_ = &token;
    if (++computations_ > kMostNesting) {
      return refuse(token, "this computes with too many numbers");
    }
    ++at_;
    const Token& rightToken = peek();
    NumberPtr right = sum(sign->strength + 1);
    if (!right) return nullptr;
    const auto* literal = std::get_if<Literal>(&right->what);
    const bool divides = sign->op == Operator::Div || sign->op == Operator::Mod;
    const bool shifts = sign->op == Operator::ShiftLeft || sign->op == Operator::ShiftRight;
    if (divides && literal != nullptr && literal->value == 0) {
      return refuse(rightToken, "nothing can be divided by 0");
    }
    if (shifts && literal != nullptr && literal->value > 31) {
      return refuse(rightToken, "numbers have 32 bits and are shifted by 31 at most");
    }
    left = binary(sign->op, std::move(left), std::move(right));
  }
  return problem_ ? nullptr : left;
}

NumberPtr Parser::term() {
  const Deeper deeper(*this);
  if (problem_) return nullptr;
  const Token& token = peek();
  if (takeSign("-")) {
    NumberPtr value = term();
    return value ? binary(Operator::Sub, makeNumber(Literal{0}), std::move(value)) : nullptr;
  }
  if (takeSign("(")) {
    NumberPtr inner = sum();
    if (inner && !takeSign(")")) return refuse(peek(), "a ) should stand here");
    return inner;
  }
  if (token.kind == TokenKind::Number) {
    if (token.isTooLarge || token.value > std::numeric_limits<std::uint32_t>::max()) {
      return refuse(token, "this number is too large: it may have 32 bits");
    }
    ++at_;
    return makeNumber(Literal{static_cast<std::uint32_t>(token.value)});
  }
  if (isWord("link") || isWord("ether")) return load();
  const FieldRow* field = token.kind == TokenKind::Word ? findField(token.spelling) : nullptr;
  if (field != nullptr && field->sizeBytes <= 4) {
    ++at_;
    return makeNumber(FieldValue{field->field});
  }
  if (field != nullptr) {
    return refuse(token, "`" + std::string(token.spelling) + "` is compared with a number only",
                  "Such as `src_cid >= 3`.");
  }
  return refuse(token, "a number, a field or link[...] should stand here");
}

NumberPtr Parser::load() {
  const Token word = peek();
  ++at_;
  if (!takeSign("[")) {
    return refuse(word, "`" + std::string(word.spelling) + "` needs a place in the packet",
                  "Such as `link[26:2] = 0x0200`.");
  }
  NumberPtr index = sum();
  if (!index) return nullptr;
  std::uint8_t size = 1;
  if (takeSign(":")) {
    const Token& token = peek();
    if (token.kind != TokenKind::Number ||
        (token.value != 1 && token.value != 2 && token.value != 4)) {
      return refuse(token, "the size is 1, 2 or 4 bytes");
    }
    size = static_cast<std::uint8_t>(token.value);
    ++at_;
  }
  if (!takeSign("]")) return refuse(peek(), "a ] should stand here");
  return makeNumber(Load{std::move(index), size});
}

}  // namespace vsdump::filter
