// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/parser.h"

#include "dissector/filter/signs.h"
#include "dissector/text/near_word.h"

namespace vsdump::filter {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

}  // namespace

void Parser::matchParentheses() {
  closing_.assign(tokens_.size(), 0);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != TokenKind::Sign) continue;
    const std::string_view sign = tokens_[i].spelling;
    if (sign == "(" || sign == "[") open.push_back(i);
    if (sign != ")" && sign != "]") continue;
    if (open.empty() || (tokens_[open.back()].spelling == "(") != (sign == ")")) {
      refuse(tokens_[i], "nothing is open that this " + std::string(sign) + " would close");
      return;
    }
    closing_[open.back()] = i;
    open.pop_back();
  }
  if (!open.empty()) {
    const std::string sign(tokens_[open.back()].spelling);
    refuse(tokens_[open.back()], "this " + sign + " is not closed");
  }
}

/// Whether a parenthesis holds a number: then something is done with it.
bool Parser::isArithmeticParenthesis() const {
  const Token& behind = tokens_[closing_[at_] + 1];
  return findSign(kOperators, behind) != nullptr || findSign(kRelations, behind) != nullptr;
}

void Parser::refuseRest() {
  const Token& token = peek();
  const PrimitiveRow* row = token.kind == TokenKind::Word ? findPrimitive(token.spelling) : nullptr;
  if (row != nullptr || isWord("src") || isWord("dst") || isWord("not") || isSign("(") ||
      isSign("!")) {
    refuse(token, "`and` or `or` is missing before this");
    return;
  }
  NearWord near(token.spelling);
  near.offer("and");
  near.offer("or");
  const auto meant = token.kind == TokenKind::Word ? near.closest() : std::nullopt;
  refuse(token, "the filter could end before this, or go on with `and` or `or`",
         meant ? "Did you mean `" + std::string(*meant) + "`?" : "");
}

ExpressionPtr Parser::expression() {
  const Deeper deeper(*this);
  if (problem_) return nullptr;
  bool lastWasAnd = false;
  std::vector<ExpressionPtr> operands{factor()};
  const auto joined = [&] {
    return lastWasAnd ? allOf(std::move(operands)) : anyOf(std::move(operands));
  };
  while (!problem_ && (isAnd() || isOr())) {
    const bool isAndNow = isAnd();
    ++at_;
    if (operands.size() > 1 && isAndNow != lastWasAnd) {
      // Equally strong and from left to right, as in pcap-filter(7).
      if (++turns_ > kMostNesting) {
        return refuse(peek(), "`and` and `or` take turns too often",
                      "Lists of values make a filter shorter: port (22 or 80 or 443).");
      }
      ExpressionPtr before = joined();
      operands = {std::move(before)};
    }
    lastWasAnd = isAndNow;
    operands.push_back(factor());
  }
  if (problem_) return nullptr;
  return joined();
}

ExpressionPtr Parser::factor() {
  const Deeper deeper(*this);
  if (problem_) return nullptr;
  if (isWord("not") || isSign("!")) {
    ++at_;
    ExpressionPtr operand = factor();
    return operand ? negated(std::move(operand)) : nullptr;
  }
  if (isSign("(") && !isArithmeticParenthesis()) {
    ++at_;
    ExpressionPtr inner = expression();
    if (inner && !takeSign(")")) refuseRest();
    return problem_ ? nullptr : inner;
  }
  return condition();
}

tl::expected<Filter, Problem> parse(std::string_view text, const ServiceNames& services) {
  if (text.size() > kMostBytes) {
    return tl::unexpected(
        Problem{.offset = kMostBytes, .length = 1, .message = "the filter has more than 1 MiB"});
  }
  auto tokens = tokenize(text);
  if (!tokens) return tl::unexpected(std::move(tokens.error()));
  return Parser(std::move(*tokens), services).filter();
}

}  // namespace vsdump::filter
