// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The control messages of trace-cmd's agent; the traces go over connections of their own.
/// **Source** trace-cmd lib/trace-cmd/trace-msg.c.
extern const Protocol kTraceCmd;

}  // namespace vsdump::payload
