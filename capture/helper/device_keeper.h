// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "capture/error.h"
#include "capture/file/descriptor.h"
#include "capture/live/vsockmon_device.h"

namespace vsdump {

/// How this process marks a device which it makes for its capture where everybody sees it: with its
/// own name, so that the device of one that is no more is known.
DeviceMark captureMark();

/// Whether the device has a captureMark(): it goes away with a capture.
bool isOfACapture(const VsockmonDevice& device);

/// Whether the device has the mark of a process of this PID namespace that is no more.
bool isLeftBehind(const VsockmonDevice& device);

/// Starts a process that removes the device with this mark when this process is no more, however
/// it ends, and returns the connection to it: it hangs up when that process is no more. It goes on
/// as the user of accountToBecome() and keeps CAP_NET_ADMIN alone. To be called before the device
/// is made, so that there is no moment without it.
///
/// **Threads** before any other thread is started.
/// **Errors** as accountToBecome() and startHelper().
Result<Descriptor> keepDevice(const DeviceMark& mark, const std::optional<std::string>& user);

/// Whether the process has this capability (CAP_) now.
bool hasCapability(int capability);

}  // namespace vsdump
