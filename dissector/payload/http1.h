// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// HTTP/1.0 and HTTP/1.1: requests with their responses, in order. What follows an answered
/// CONNECT, an upgrade, or gvproxy's `POST /connect`, is another protocol.
/// **Source** RFC 9112; gvisor-tap-vsock cmd/vm/main_linux.go for the last.
extern const Protocol kHttp1;

}  // namespace vsdump::payload
