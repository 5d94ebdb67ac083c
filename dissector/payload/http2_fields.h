// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vsdump::payload {

/// Those header fields of HTTP/2 that are of interest here. Nothing secret is kept.
struct Http2Fields {
  std::string method{};
  std::string path{};  ///< without its query, in which secrets travel
  std::string authority{};
  std::string contentType{};
  std::string grpcMessage{};
  std::string grpcTimeout{};
  std::optional<std::uint64_t> status{};
  std::optional<std::uint64_t> grpcStatus{};
  bool isWhole = true;  ///< no field of the block is unknown

  void take(std::string_view name, std::string_view value);

  bool isGrpc() const { return contentType.starts_with("application/grpc"); }
};

/// "GetFeature" and "routeguide.RouteGuide" of "/routeguide.RouteGuide/GetFeature".
struct GrpcPath {
  std::string_view service{};
  std::string_view method{};
};
GrpcPath grpcPathOf(std::string_view path);

/// "CANCEL": the name of an error code; "error 99" for one without.
std::string http2ErrorName(std::uint32_t code);

}  // namespace vsdump::payload
