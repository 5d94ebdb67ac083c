// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// Protocols that the user has named for the connections to a port.
using DecodeAs = std::map<std::uint32_t, const Protocol*>;

/// Every protocol, those with the surest signs first.
std::span<const Protocol* const> protocols();

/// The protocol of this name; nullptr for another word.
const Protocol* findProtocol(std::string_view name);

/// Whether messages can be of a protocol that is called so.
bool isMessageProtocol(std::string_view name);

/// "nbd, ssh": what isMessageProtocol() takes, for people.
std::string messageProtocolNames();

}  // namespace vsdump::payload
