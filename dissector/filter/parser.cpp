// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "dissector/filter/filter.h"
#include "dissector/filter/lexer.h"
#include "dissector/filter/parser_values.h"
#include "dissector/filter/primitives.h"
#include "dissector/names/protocol_names.h"
#include "dissector/text/escape.h"
#include "dissector/text/near_word.h"

namespace vsdump::filter {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr int kMostNesting = 200;

struct BinaryOperator {
  std::string_view sign;
  Operator op;
  int strength;  ///< the stronger binds first, as in pcap-filter(7)
};
constexpr std::array kOperators = {
    BinaryOperator{"|", Operator::Or, 1},          BinaryOperator{"^", Operator::Xor, 2},
    BinaryOperator{"&", Operator::And, 3},         BinaryOperator{"<<", Operator::ShiftLeft, 4},
    BinaryOperator{">>", Operator::ShiftRight, 4}, BinaryOperator{"+", Operator::Add, 5},
    BinaryOperator{"-", Operator::Sub, 5},         BinaryOperator{"*", Operator::Mul, 6},
    BinaryOperator{"/", Operator::Div, 6},         BinaryOperator{"%", Operator::Mod, 6},
};

struct RelationSign {
  std::string_view sign;
  RelationOp op;
  RelationOp mirrored;  ///< with the sides exchanged
};
constexpr std::array kRelations = {
    RelationSign{"=", RelationOp::Equal, RelationOp::Equal},
    RelationSign{"==", RelationOp::Equal, RelationOp::Equal},
    RelationSign{"!=", RelationOp::NotEqual, RelationOp::NotEqual},
    RelationSign{"<", RelationOp::Less, RelationOp::Greater},
    RelationSign{"<=", RelationOp::LessOrEqual, RelationOp::GreaterOrEqual},
    RelationSign{">", RelationOp::Greater, RelationOp::Less},
    RelationSign{">=", RelationOp::GreaterOrEqual, RelationOp::LessOrEqual},
};

template <typename Rows>
auto findSign(const Rows& rows, const Token& token) -> const typename Rows::value_type* {
  if (token.kind != TokenKind::Sign) return nullptr;
  const auto row = std::ranges::find(rows, token.spelling, &Rows::value_type::sign);
  return row == rows.end() ? nullptr : &*row;
}

/// Recursive descent. After a problem every function returns null at once.
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
  ExpressionPtr primitive(const PrimitiveRow& row, Side side);
  ExpressionPtr values(Primitive kind, Side side, const Token& word);
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
    Side side;
    Token word;
  };
  std::optional<Last> last_;
};

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
      return primitive(*row, Side::Either);
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
  Side side = isWord("src") ? Side::Source : Side::Destination;
  if (isWord("src") && isWord("dst", 2) && (isOr(1) || isAnd(1)) &&
      peek(1).kind == TokenKind::Word) {
    side = isOr(1) ? Side::Either : Side::Both;
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

ExpressionPtr Parser::primitive(const PrimitiveRow& row, Side side) {
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
    case Primitive::NeedsTracker:
      return refuse(word,
                    "`" + std::string(row.word) + "` selects " +
                        std::string(row.help.substr(0, row.help.find(" by "))) +
                        ", which filters cannot do in this version",
                    "Addresses can: conn 3.1024 2.1234.");
    case Primitive::Relation:
    case Primitive::Link:
    case Primitive::PayloadContains:
      break;
  }
  return refuse(word, "a condition should stand here");
}

/// One value or several in parentheses.
ExpressionPtr Parser::values(Primitive kind, Side side, const Token& word) {
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

}  // namespace

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
