// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vsdump {

/// The toolbar's controls, by their numbers.
enum class ToolbarControl : std::uint8_t { Filter = 0, Statistics = 1 };

/// The interfaces and the toolbar, as Wireshark reads them.
std::string extcapInterfaces();

/// What packets of an interface are.
std::string extcapLinkTypes();

/// What can be set for an interface.
std::string extcapConfiguration(std::string_view interface);

}  // namespace vsdump
