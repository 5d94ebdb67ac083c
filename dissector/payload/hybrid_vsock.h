// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The lines with which a program asks Firecracker, Cloud Hypervisor and others for a connection on
/// their UNIX socket. They reach vsock where such a socket is relayed by mistake, and what follows
/// is another protocol.
/// **Source** firecracker docs/vsock.md.
extern const Protocol kHybridVsock;

}  // namespace vsdump::payload
