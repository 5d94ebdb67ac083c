// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "capture/error.h"
#include "dissector/filter/filter.h"
#include "dissector/wire/types.h"

namespace vsdump {

/// Which way packets pass, as the machine sees it that captures. The kernel marks every record of a
/// vsockmon device as outgoing, so only the CIDs tell.
enum class LocalDirection { In, Out };

/// This machine's own CID: the guest's where it is a guest, else the host's, which is 2.
///
/// Loads the kernel's vsock module where it is not loaded yet.
///
/// **Errors** Unsupported where only loopback is there, so that no direction exists.
Result<Cid> localCid();

/// A filter for the packets of one direction.
///
/// Packets to `local` come in and packets from it go out. Of the others, seen where a guest is
/// itself a host, those from CID 2 go out and those to CID 2 come in. Loopback is neither.
filter::Filter directionFilter(LocalDirection direction, Cid local);

}  // namespace vsdump
