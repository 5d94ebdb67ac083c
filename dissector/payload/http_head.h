// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vsdump::payload {

/// What the head of a request or a response says, as far as it is of interest here.
struct HttpHead {
  bool isRequest = false;
  std::string method{};
  std::string target{};  ///< without its query, in which secrets travel
  std::uint64_t status = 0;
  std::string reason{};
  std::string host{};
  std::string contentType{};
  std::string upgrade{};
  std::optional<std::uint64_t> contentLength{};
  bool isChunked = false;
};

/// Whether `text` can be the beginning of a request line or a status line: nothing where it is too
/// short to tell.
std::optional<bool> mayBeginHttpHead(std::string_view text);

/// Reads a head, of which `text` has the lines up to the empty one; nothing where it is none.
std::optional<HttpHead> parseHttpHead(std::string_view text);

/// A target as it is shown: "?..." instead of a query, "...@" instead of a user and a password.
std::string shownTarget(std::string_view target);

}  // namespace vsdump::payload
