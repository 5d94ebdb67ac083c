// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// HTTP/2 without TLS, and gRPC over it; Kata 1.x speaks gRPC to its agent.
///
/// **Source** RFC 9113; what gRPC puts in headers and before its messages: protocols.md 7, Kata's
/// calls: 1.5.
extern const Protocol kHttp2;

}  // namespace vsdump::payload
