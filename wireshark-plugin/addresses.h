// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/wire/types.h"
#include "wireshark-plugin/epan.h"

namespace vsdump {

/// Makes our kinds of addresses known: a CID, which prints as its number, and an end of a
/// connection, which prints as CID.port. (The built-in dissector's own kind prints "host" for CID
/// 2, which no display filter takes.)
void registerAddresses();

/// A CID as Wireshark's address, in the given memory.
void setCid(wmem_allocator_t* scope, address* to, Cid cid);

/// An end as Wireshark's address, in the given memory.
void setEnd(wmem_allocator_t* scope, address* to, const Address& end);

}  // namespace vsdump
