// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The hellos of TLS 1.0 to 1.3: the server's name, the application protocols, the version and the
/// cipher. Of the rest nothing is read.
/// **Source** RFC 8446, and RFC 6066 and RFC 7301 for the names.
extern const Protocol kTls;

}  // namespace vsdump::payload
