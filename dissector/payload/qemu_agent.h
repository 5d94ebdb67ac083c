// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// QEMU's guest agent, and what sends it guest-set-time (vfkit, krunkit): commands and replies are
/// JSON objects, a line each, in order.
/// **Source** qemu qga/qapi-schema.json, qga/channel-posix.c.
extern const Protocol kQemuAgent;

}  // namespace vsdump::payload
