// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "wireshark-plugin/view.h"

namespace vsdump {

/// Adds what the packet's headers say, by their right names.
void addHeaders(const View& view, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree);

/// Adds what the packet means among the others of its connection.
void addConnection(const View& view, tvbuff_t* tvb, proto_tree* tree);

/// Fills the columns: addresses, ports, protocol and the Info line.
void fillColumns(const View& view, packet_info* pinfo);

}  // namespace vsdump
