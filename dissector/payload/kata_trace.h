// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// Spans that Kata Containers' agent sends to its trace forwarder: a length and JSON, over and
/// over.
/// **Source** kata-containers src/agent/vsock-exporter/src/lib.rs.
extern const Protocol kKataTrace;

}  // namespace vsdump::payload
