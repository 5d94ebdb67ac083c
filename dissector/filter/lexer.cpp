// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/lexer.h"

#include <array>
#include <optional>
#include <utility>

#include "dissector/text/escape.h"

namespace vsdump::filter {

namespace {

/// Longer signs before those that they begin with.
constexpr std::array<std::string_view, 27> kSigns = {
    "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "(", ")", "[", "]", ":", ".",
    "<",  ">",  "=",  "!",  "&",  "|",  "^",  "+",  "-", "*", "/", "%", "#"};

bool isDigit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool isWordLetter(char letter) {
  return isDigit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         letter == '_';
}

std::optional<unsigned> digitValue(char letter, unsigned base) {
  unsigned value = 36;
  if (isDigit(letter)) value = static_cast<unsigned>(letter - '0');
  if (letter >= 'a' && letter <= 'f') value = static_cast<unsigned>(letter - 'a') + 10;
  if (letter >= 'A' && letter <= 'F') value = static_cast<unsigned>(letter - 'A') + 10;
  return value < base ? std::optional(value) : std::nullopt;
}

/// What a unit multiplies by; 0 for what is none.
std::uint64_t unitOf(std::string_view word) {
  if (word == "k" || word == "K") return 1U << 10;
  if (word == "M") return 1U << 20;
  if (word == "G") return 1U << 30;
  return 0;
}

/// A whole run of letters and digits as a number, if it is one.
bool readNumber(std::string_view run, Token& token) {
  if (run.empty() || !isDigit(run.front())) return false;
  unsigned base = 10;
  if (run.starts_with("0x") || run.starts_with("0X")) {
    base = 16;
    run.remove_prefix(2);
  } else if (run.size() > 1 && run[0] == '0' && isDigit(run[1])) {
    base = 8;
    run.remove_prefix(1);
  }
  std::uint64_t value = 0;
  bool isTooLarge = false;
  std::size_t digits = 0;
  const auto times = [&](std::uint64_t factor, std::uint64_t plus) {
    isTooLarge |= __builtin_mul_overflow(value, factor, &value);
    isTooLarge |= __builtin_add_overflow(value, plus, &value);
  };
  for (; digits < run.size(); ++digits) {
    const auto digit = digitValue(run[digits], base);
    if (!digit) break;
    times(base, *digit);
  }
  if (digits == 0) return false;
  if (digits < run.size()) {
    const std::uint64_t unit = unitOf(run.substr(digits));
    if (unit == 0) return false;
    times(unit, 0);
  }
  token.kind = TokenKind::Number;
  token.value = value;
  token.isTooLarge = isTooLarge;
  return true;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  tl::expected<std::vector<Token>, Problem> tokens() {
    std::vector<Token> found;
    while (skipBlanks(), at_ < text_.size()) {
      Token token;
      token.offset = at_;
      if (const auto problem = read(token)) return tl::unexpected(*problem);
      token.spelling = text_.substr(token.offset, at_ - token.offset);
      found.push_back(std::move(token));
    }
    Token end;
    end.offset = text_.size();
    found.push_back(end);
    return found;
  }

 private:
  void skipBlanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n\f\v").find(text_[at_]) != kNone) ++at_;
  }

  std::optional<Problem> read(Token& token) {
    const char letter = text_[at_];
    if (letter == '"' || letter == '\'') return readText(token, letter);
    if (isWordLetter(letter)) {
      readWord(token);
      return std::nullopt;
    }
    token.kind = TokenKind::Sign;
    for (const std::string_view sign : kSigns) {
      if (!text_.substr(at_).starts_with(sign)) continue;
      at_ += sign.size();
      return std::nullopt;
    }
    std::size_t size = 1;
    while (at_ + size < text_.size() && (static_cast<unsigned char>(text_[at_ + size]) >> 6) == 2) {
      ++size;
    }
    return Problem{.offset = at_,
                   .length = size,
                   .message = '"' + escaped(text_.substr(at_, size)) + "\" means nothing here",
                   .suggestion = text_[at_] == ','
                                     ? "Several values are written `port (22 or 80)`."
                                     : "Text and names with such characters go between quotes."};
  }

  void readWord(Token& token) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && isWordLetter(text_[at_])) ++at_;
    if (readNumber(text_.substr(begin, at_ - begin), token)) return;
    token.kind = TokenKind::Word;
    while (at_ + 1 < text_.size() && text_[at_] == '-' && isWordLetter(text_[at_ + 1])) {
      ++at_;
      while (at_ < text_.size() && isWordLetter(text_[at_])) ++at_;
    }
  }

  std::optional<Problem> readText(Token& token, char quote) {
    token.kind = TokenKind::Text;
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] != '\\') {
        token.text += text_[at_++];
        continue;
      }
      if (auto problem = readEscape(token.text)) return problem;
    }
    if (at_ == text_.size()) {
      return Problem{.offset = begin,
                     .message = "this quote is not closed",
                     .suggestion = "A quote inside of text is written \\\"."};
    }
    ++at_;
    return std::nullopt;
  }

  std::optional<Problem> readEscape(std::string& out) {
    const std::string_view rest = text_.substr(at_);
    constexpr std::string_view kLetters = "nrt0\\\"'";
    constexpr std::string_view kMeanings("\n\r\t\0\\\"'", 7);
    if (rest.size() >= 2) {
      if (const std::size_t index = kLetters.find(rest[1]); index != kNone) {
        out += kMeanings[index];
        at_ += 2;
        return std::nullopt;
      }
    }
    if (rest.size() >= 4 && rest[1] == 'x') {
      const auto high = digitValue(rest[2], 16);
      const auto low = digitValue(rest[3], 16);
      if (high && low) {
        out += static_cast<char>(*high * 16 + *low);
        at_ += 4;
        return std::nullopt;
      }
    }
    return Problem{.offset = at_,
                   .message = "this escape is none",
                   .suggestion = "There are \\n, \\r, \\t, \\0, \\\\, \\\" and \\xHH."};
  }

  static constexpr std::size_t kNone = std::string_view::npos;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

tl::expected<std::vector<Token>, Problem> tokenize(std::string_view text) {
  return Lexer(text).tokens();
}

}  // namespace vsdump::filter
