// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dissector/filter/filter.h"
#include "dissector/filter/lexer.h"
#include "dissector/filter/parser_values.h"
#include "dissector/filter/primitives.h"

namespace vsdump::filter {

/// Reads a filter by recursive descent: parser.cpp has what joins conditions, parser_conditions.cpp
/// the conditions, parser_numbers.cpp relations and what they compute. Not part of the interface.
/// After a problem every function returns null at once.
class Parser {
 public:
  Parser(std::vector<Token> tokens, const ServiceNames& services)
      : tokens_(std::move(tokens)), values_(services) {
    matchParentheses();
  }

  tl::expected<Filter, Problem> filter() {
    if (!problem_ && peek().kind == TokenKind::End) return Filter();
    ExpressionPtr expression = problem_ ? nullptr : this->expression();
    if (expression && peek().kind != TokenKind::End) refuseRest();
    if (problem_) return tl::unexpected(*problem_);
    return Filter(std::move(expression));
  }

 private:
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool isWord(std::string_view word, std::size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::Word && peek(ahead).spelling == word;
  }
  bool isSign(std::string_view sign, std::size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::Sign && peek(ahead).spelling == sign;
  }
  bool isAnd(std::size_t ahead = 0) const { return isWord("and", ahead) || isSign("&&", ahead); }
  bool isOr(std::size_t ahead = 0) const { return isWord("or", ahead) || isSign("||", ahead); }
  bool takeSign(std::string_view sign) {
    if (!isSign(sign)) return false;
    ++at_;
    return true;
  }

  std::nullptr_t refuse(const Token& token, std::string message, std::string suggestion = {}) {
    if (!problem_) {
      problem_ = Problem{.offset = token.offset,
                         .length = std::max<std::size_t>(token.spelling.size(), 1),
                         .message = std::move(message),
                         .suggestion = std::move(suggestion)};
    }
    return nullptr;
  }
  std::nullptr_t refuse(Problem problem) {
    if (!problem_) problem_ = std::move(problem);
    return nullptr;
  }

  void matchParentheses();
  bool isArithmeticParenthesis() const;
  bool isValueAlone() const;
  void refuseRest();
  std::nullptr_t refuseUnknown(const Token& token);

  ExpressionPtr expression();
  ExpressionPtr factor();
  ExpressionPtr condition();
  ExpressionPtr side();
  ExpressionPtr primitive(const PrimitiveRow& row, AddressSide side);
  ExpressionPtr values(Primitive kind, AddressSide side, const Token& word);
  ExpressionPtr connection();
  bool address(Address& address);
  ExpressionPtr length(RelationOp op);
  ExpressionPtr contains();
  ExpressionPtr relation();
  ExpressionPtr wideRelation();
  NumberPtr sum();
  NumberPtr sum(int leastStrength);
  NumberPtr term();
  NumberPtr load();

  /// The depth of the tree below an expression, for a bound on recursion.
  struct Deeper {
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMostNesting) {
        parser_.refuse(parser_.peek(),
                       "this is nested more than " + std::to_string(kMostNesting) + " deep");
      }
    }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    ~Deeper() { --parser_.depth_; }
    Parser& parser_;
  };

  static constexpr int kMostNesting = 200;

  std::vector<Token> tokens_;
  std::vector<std::size_t> closing_;  ///< of each "(": the place of its ")"
  ValueReader values_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int turns_ = 0;  ///< how often `and` followed `or` or the other way round: each nests deeper
  int computations_ = 0;             ///< in this relation
  int operators_ = 0;                ///< in this parenthesis
  const Token* doubtful_ = nullptr;  ///< the last % or ^ among these operators
  std::optional<Problem> problem_;

  /// What a value alone belongs to: `port 22 or 80`.
  struct Last {
    Primitive kind;
    AddressSide side;
    Token word;
  };
  std::optional<Last> last_;
};

}  // namespace vsdump::filter
