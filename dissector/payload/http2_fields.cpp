// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/http2_fields.h"

#include <array>
#include <charconv>

#include "dissector/payload/http_head.h"
#include "dissector/payload/message.h"

namespace vsdump::payload {

namespace {

std::optional<std::uint64_t> http2Number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// gRPC writes bytes that are no plain text as %XX.
std::string withoutPercents(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    std::uint8_t byte = 0;
    const char* const digits = text.data() + 1;
    if (text.front() == '%' && text.size() >= 3 &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      plain += static_cast<char>(byte);
      text.remove_prefix(3);
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

}  // namespace

void Http2Fields::take(std::string_view name, std::string_view value) {
  if (name == ":method") method = shortened(value);
  if (name == ":path") path = shortened(shownTarget(value));
  if (name == ":authority") authority = shortened(value);
  if (name == ":status") status = http2Number(value);
  if (name == "content-type") contentType = shortened(value.substr(0, value.find(';')));
  if (name == "grpc-status") grpcStatus = http2Number(value);
  if (name == "grpc-message") grpcMessage = withoutPercents(shortened(value));
  if (name == "grpc-timeout") grpcTimeout = shortened(value);
}

GrpcPath grpcPathOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || path.front() != '/') return {};
  return {path.substr(1, slash - 1), path.substr(slash + 1)};
}

std::string http2ErrorName(std::uint32_t code) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
       "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
       "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"});
  if (code < kNames.size()) return std::string(kNames[code]);
  return "error " + std::to_string(code);
}

}  // namespace vsdump::payload
