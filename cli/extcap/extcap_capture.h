// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "cli/extcap/extcap_options.h"
#include "cli/extcap/toolbar.h"

namespace vsdump {

/// Captures for Wireshark until it wants no more, and returns the exit code.
///
/// A second vsdump captures, here or over ssh: it holds the rights, makes the device and takes it
/// away. This one gives its rights up, hands the packets on and serves the toolbar.
Result<int> captureForWireshark(const ExtcapOptions& options, Toolbar& toolbar);

/// The words of the program that captures, the first one its name.
std::vector<std::string> capturingCommand(const ExtcapOptions& options);

}  // namespace vsdump
