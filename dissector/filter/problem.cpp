// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/problem.h"

#include <algorithm>

#include "dissector/text/escape.h"

namespace vsdump::filter {

namespace {

constexpr std::size_t kContextColumns = 50;
constexpr std::size_t kLongestCharacter = 4;  // bytes; what is longer is no UTF-8

struct Line {
  std::string_view text;
  std::size_t number;  // from 1
  std::size_t offset;  // of the problem in it
};

Line lineOf(const Problem& problem, std::string_view text) {
  const std::size_t offset = std::min(problem.offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t end = std::min(text.find('\n', offset), text.size());
  return {text.substr(begin, end - begin),
          static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1, offset - begin};
}

bool startsCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, startsCharacter));
}

/// As it is shown: what escape() would lengthen has a question mark, so that columns stay.
std::string shown(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t size = 1;
    while (i + size < text.size() && !startsCharacter(text[i + size])) ++size;
    const std::string_view character = text.substr(i, size);
    if (escaped(character) == character || character == "\\") {
      out += character;
    } else {
      out += character == "\t" || character == "\r" ? ' ' : '?';
    }
    i += size;
  }
  return out;
}

}  // namespace

std::string placeOf(const Problem& problem, std::string_view text) {
  const Line line = lineOf(problem, text);
  std::string column = "column " + std::to_string(columns(line.text.substr(0, line.offset)) + 1);
  if (text.find('\n') == std::string_view::npos) return column;
  return "line " + std::to_string(line.number) + ", " + column;
}

std::string drawing(const Problem& problem, std::string_view text) {
  const Line line = lineOf(problem, text);
  const auto cutAt = [&](std::size_t offset) {
    if (offset >= line.text.size()) return line.text.size();
    for (std::size_t back = 0; back < std::min(offset + 1, kLongestCharacter); ++back) {
      if (startsCharacter(line.text[offset - back])) return offset - back;
    }
    return offset;
  };
  const std::size_t wanted = line.offset > kContextColumns ? line.offset - kContextColumns : 0;
  const std::size_t begin = cutAt(wanted);
  const std::size_t end = cutAt(line.offset + kContextColumns);
  const std::size_t marked = std::min({line.offset + problem.length, line.text.size(), end});
  const std::string lead = begin > 0 ? "..." : "";
  const std::string before = lead + shown(line.text.substr(begin, line.offset - begin));
  const std::size_t width =
      marked > line.offset ? columns(line.text.substr(line.offset, marked - line.offset)) : 1;
  std::string out = "  " + before + shown(line.text.substr(line.offset, end - line.offset)) +
                    (end < line.text.size() ? "..." : "") + "\n  ";
  out.append(columns(before), ' ');
  out += '^';
  out.append(width > 1 ? width - 1 : 0, '~');
  return out;
}

}  // namespace vsdump::filter
