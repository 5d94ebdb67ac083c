// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/text/escape.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace vsdump {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

/// A code point and the bytes that it took. `length` 0 where no valid UTF-8 begins.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;
};

/// Decodes the shortest form only, without surrogates, up to U+10FFFF (RFC 3629).
CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = 0;
  std::uint32_t smallest = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    smallest = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3;
    smallest = 0x800;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  std::uint32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3F);
  }
  if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length};
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Unicode's Cc, Cf, Zl, Zp, Co and noncharacters, and fillers that print as nothing.
constexpr std::array kDeceptive = {
    Range{0x80, 0x9F},       Range{0xAD, 0xAD},        Range{0x34F, 0x34F},
    Range{0x600, 0x605},     Range{0x61C, 0x61C},      Range{0x6DD, 0x6DD},
    Range{0x70F, 0x70F},     Range{0x890, 0x891},      Range{0x8E2, 0x8E2},
    Range{0x115F, 0x1160},   Range{0x17B4, 0x17B5},    Range{0x180B, 0x180F},
    Range{0x200B, 0x200F},   Range{0x2028, 0x202E},    Range{0x2060, 0x206F},
    Range{0x3164, 0x3164},   Range{0xE000, 0xF8FF},    Range{0xFDD0, 0xFDEF},
    Range{0xFE00, 0xFE0F},   Range{0xFEFF, 0xFEFF},    Range{0xFFA0, 0xFFA0},
    Range{0xFFF0, 0xFFFB},   Range{0xFFFE, 0xFFFF},    Range{0x110BD, 0x110BD},
    Range{0x110CD, 0x110CD}, Range{0x13430, 0x1343F},  Range{0x1BCA0, 0x1BCA3},
    Range{0x1D173, 0x1D17A}, Range{0xE0000, 0x10FFFF},
};

bool isDeceptive(std::uint32_t codePoint) {
  for (const Range& range : kDeceptive) {
    if (codePoint < range.first) return false;
    if (codePoint <= range.last) return true;
  }
  return false;
}

void appendByte(std::string& out, std::uint8_t byte) {
  out += "\\x";
  out += kHexDigits[byte >> 4];
  out += kHexDigits[byte & 15];
}

void appendCodePoint(std::string& out, std::uint32_t codePoint) {
  out += "\\u{";
  int shift = codePoint > 0xFFFF ? 20 : 12;
  for (; shift >= 0; shift -= 4) out += kHexDigits[(codePoint >> shift) & 15];
  out += '}';
}

void appendAscii(std::string& out, char c) {
  switch (c) {
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    case '\\':
      out += "\\\\";
      break;
    default:
      if (c < 0x20 || c == 0x7F) {
        appendByte(out, static_cast<std::uint8_t>(c));
      } else {
        out += c;
      }
  }
}

}  // namespace

void appendEscaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (point.length == 0) {
      appendByte(out, static_cast<std::uint8_t>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (point.length == 1) {
      appendAscii(out, text.front());
    } else if (isDeceptive(point.value)) {
      appendCodePoint(out, point.value);
    } else {
      out += text.substr(0, point.length);
    }
    text.remove_prefix(point.length);
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  appendEscaped(out, text);
  return out;
}

void appendJsonEscaped(std::string& out, std::string_view text) {
  // The first escaper leaves no control characters, so only the two characters that end or escape a
  // JSON string remain.
  for (const char c : escaped(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

std::string jsonString(std::string_view text) {
  std::string out = "\"";
  appendJsonEscaped(out, text);
  return out + '"';
}

}  // namespace vsdump
