// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "wireshark-plugin/view.h"

namespace vsdump {

/// Makes the fields of messages known: vsockmon.message.…, and vsockmon.PROTOCOL with the call for
/// each protocol that payload is decoded as.
void registerMessageFields(int protocol);

/// Adds the messages that the packet completes, and the replies.
void addMessages(const View& view, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree);

/// "kata CreateContainer", in the packet's memory.
const char* callIn(wmem_allocator_t* pool, const payload::Message& message) noexcept;

/// Adds them to the Info column, up to four of them.
void addMessageColumn(const View& view, packet_info* pinfo);

}  // namespace vsdump
