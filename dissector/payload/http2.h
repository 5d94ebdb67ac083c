// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// HTTP/2 without TLS, and gRPC over it; Kata 1.x speaks gRPC to its agent.
///
/// **Source** RFC 9113; what gRPC puts in headers and before its messages: protocols.md 7, Kata's
/// calls: 1.5.
extern const Protocol kHttp2;

/// The stream that answers the request by which a connection was upgraded, and the key under which
/// HTTP/1.1 hands that over. **Source** RFC 7540 3.2.
inline constexpr std::uint32_t kUpgradedStream = 1;

}  // namespace vsdump::payload
