// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// systemd's notifications from a virtual machine: one message a connection, lines of KEY=VALUE,
/// from a privileged port of the guest.
/// **Source** systemd src/libsystemd/sd-daemon/sd-daemon.c.
extern const Protocol kSdNotify;

}  // namespace vsdump::payload
