// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/registry.h"
#include "wireshark-plugin/view.h"

namespace vsdump {

/// Makes known: the table vsockmon.port with "Decode As", the list of heuristics vsockmon, and the
/// fields of what is put together.
void registerPayload(int protocol);

/// Finds the dissectors of other protocols that payload is handed to.
void findPayloadDissectors();

/// Registers the preferences of payload.
void registerPayloadPreferences(module_t* module);

/// What the preference says about ports whose payload vsdump is to decode as a protocol of its own.
payload::DecodeAs decodeAsPreference();

/// Hands payload over to the dissector of what it is, put together where that dissector asks for
/// it: by "Decode As", by what the connection was recognised to carry, by heuristics. `root` is
/// where that dissector puts its tree. Whether it has filled the columns.
bool handOver(const View& view, tvbuff_t* record, packet_info* pinfo, proto_tree* root,
              proto_tree* own);

}  // namespace vsdump
