// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/hex_dump.h"

#include <algorithm>

namespace vsdump {

namespace {

constexpr std::size_t kBytesPerRow = 16;
constexpr std::string_view kDigits = "0123456789abcdef";

bool isPrintable(char c) {
  return c > 0x20 && c < 0x7F;
}

void putOffset(LineBuffer& out, std::size_t offset) {
  out.put("0x");
  char digits[16];
  const char* const end = std::to_chars(digits, digits + sizeof(digits), offset, 16).ptr;
  const auto length = static_cast<std::size_t>(end - digits);
  for (std::size_t i = length; i < 4; ++i) out.put('0');
  out.put(std::string_view(digits, length));
  out.put(": ");
}

/// Pairs of bytes, a blank before each.
void putPairs(LineBuffer& out, Bytes row) {
  char* const start = out.room(row.size() * 3 + 1);
  char* to = start;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i % 2 == 0) *to++ = ' ';
    const auto byte = std::to_integer<unsigned>(row[i]);
    *to++ = kDigits[byte >> 4];
    *to++ = kDigits[byte & 15];
  }
  out.advance(static_cast<std::size_t>(to - start));
}

}  // namespace

void putHexDump(LineBuffer& out, Bytes bytes, std::string_view rowStart) {
  for (std::size_t offset = 0; offset < bytes.size(); offset += kBytesPerRow) {
    out.put(rowStart);
    putOffset(out, offset);
    putPairs(out, bytes.subspan(offset, std::min(kBytesPerRow, bytes.size() - offset)));
  }
}

void putHexAsciiDump(LineBuffer& out, Bytes bytes, std::string_view rowStart) {
  constexpr std::size_t kPairsWidth = kBytesPerRow / 2 * 5;
  for (std::size_t offset = 0; offset < bytes.size(); offset += kBytesPerRow) {
    const Bytes row = bytes.subspan(offset, std::min(kBytesPerRow, bytes.size() - offset));
    out.put(rowStart);
    putOffset(out, offset);
    const std::size_t before = out.size();
    putPairs(out, row);
    for (std::size_t width = out.size() - before; width < kPairsWidth + 2; ++width) out.put(' ');
    for (const std::byte byte : row) {
      const char c = static_cast<char>(byte);
      out.put(isPrintable(c) ? c : '.');
    }
  }
}

void putAsciiDump(LineBuffer& out, Bytes bytes) {
  out.put('\n');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = static_cast<char>(bytes[i]);
    // tcpdump leaves out a carriage return before a line feed, and one among the last two bytes.
    if (c == '\r' && (i + 2 >= bytes.size() || static_cast<char>(bytes[i + 1]) == '\n')) continue;
    const bool isShown = isPrintable(c) || c == ' ' || c == '\t' || c == '\n';
    out.put(isShown ? c : '.');
  }
}

}  // namespace vsdump
