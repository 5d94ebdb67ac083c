// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>

#include "capture/live/vsockmon_device.h"
#include "cli/options/options.h"

namespace vsdump {

/// vsdump devices: lists the vsockmon devices, makes one or removes one, and returns the exit code.
Result<int> runDevices(const Options& options);

/// The table that `vsdump devices` prints; the numbers are those that -i takes.
std::string devicesTable(std::span<const VsockmonDevice> devices);

/// The same as a JSON object a device, one a line.
std::string devicesJson(std::span<const VsockmonDevice> devices);

}  // namespace vsdump
