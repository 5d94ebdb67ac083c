// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "wireshark-plugin/view.h"

namespace vsdump {

/// Makes an expert item of each row of the catalogues: vsockmon.finding.CODE.
void registerExperts(int protocol);

/// Adds what is wrong with the packet and what was found about its connection to Wireshark's
/// expert information, and the codes to the tree.
void addExperts(const View& view, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                proto_item* item);

}  // namespace vsdump
