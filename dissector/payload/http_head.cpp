// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/http_head.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace vsdump::payload {

namespace {

constexpr auto kMethods = std::to_array<std::string_view>(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"});
constexpr std::string_view kVersion = "HTTP/1.";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

bool isSame(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::uint64_t> numberIn(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// Takes the next line off the text.
std::string_view nextLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

bool parseFirstLine(std::string_view line, HttpHead& head) {
  line = trimmed(line);
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return false;
  if (line.starts_with(kVersion)) {
    const std::string_view status = line.substr(first + 1, 3);
    const auto number = numberIn(status);
    if (status.size() != 3 || !number || *number < 100) return false;
    head.status = *number;
    head.reason = trimmed(line.substr(std::min(first + 4, line.size())));
    return true;
  }
  const std::size_t last = line.rfind(' ');
  if (last == first || !line.substr(last + 1).starts_with(kVersion)) return false;
  head.isRequest = true;
  head.method = line.substr(0, first);
  head.target = shownTarget(trimmed(line.substr(first + 1, last - first - 1)));
  return true;
}

void takeField(std::string_view line, HttpHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (isSame(name, "host")) head.host = value;
  if (isSame(name, "content-type")) head.contentType = value.substr(0, value.find(';'));
  if (isSame(name, "upgrade")) head.upgrade = value;
  if (isSame(name, "content-length")) head.contentLength = numberIn(value);
  if (isSame(name, "transfer-encoding")) {
    constexpr std::string_view kChunked = "chunked";
    head.isChunked = value.size() >= kChunked.size() &&
                     isSame(value.substr(value.size() - kChunked.size()), kChunked);
  }
}

}  // namespace

std::string shownTarget(std::string_view target) {
  std::string shown;
  const std::size_t scheme = target.find("://");
  const std::size_t path = target.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  const std::size_t at = target.substr(0, path).rfind('@');
  if (scheme != std::string_view::npos && at != std::string_view::npos) {
    shown = std::string(target.substr(0, scheme + 3)) + "...";
    target.remove_prefix(at);
  }
  const std::size_t query = target.find('?');
  shown += target.substr(0, query);
  if (query != std::string_view::npos) shown += "?...";
  return shown;
}

std::optional<bool> mayBeginHttpHead(std::string_view text) {
  bool isShort = false;
  const auto begins = [&](std::string_view word) {
    if (text.starts_with(word)) return true;
    if (word.starts_with(text)) isShort = true;
    return false;
  };
  if (begins(kVersion)) return true;
  for (const std::string_view method : kMethods) {
    if (!begins(std::string(method) + ' ')) continue;
    // Others have such requests, too: the version decides.
    const std::size_t end = text.find('\n');
    if (end != std::string_view::npos) {
      return text.substr(0, end).find(std::string(" ") + std::string(kVersion)) !=
             std::string_view::npos;
    }
    isShort = true;
  }
  if (isShort) return std::nullopt;
  return false;
}

std::optional<HttpHead> parseHttpHead(std::string_view text) {
  HttpHead head;
  if (!parseFirstLine(nextLine(text), head)) return std::nullopt;
  while (!text.empty()) takeField(nextLine(text), head);
  return head;
}

}  // namespace vsdump::payload
