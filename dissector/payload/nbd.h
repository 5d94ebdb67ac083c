// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// NBD: the handshake with its options, then requests and their replies, out of order as they come.
/// After an agreed STARTTLS it is TLS. Data is passed over without a look.
/// **Source** NetworkBlockDevice/nbd doc/proto.md. Its extended headers are experimental and left
/// out.
extern const Protocol kNbd;

}  // namespace vsdump::payload
