// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "capture/error.h"
#include "capture/file/descriptor.h"

namespace vsdump {

/// The alias (IFLA_IFALIAS) that this process gives to a device which it makes for its capture
/// where everybody sees it: it names the process, so that the device of one that is no more is
/// known.
std::string captureAlias();

/// Whether the alias is one of captureAlias(): the device goes away with a capture.
bool isOfACapture(std::string_view alias);

/// Whether the alias is one of a process of this PID namespace that is no more.
bool isLeftBehind(std::string_view alias);

/// Starts a process that removes the device with this alias when this process is no more, however
/// it ends, and returns the connection to it: it hangs up when that process is no more. It goes on
/// as the user of accountToBecome() and keeps CAP_NET_ADMIN alone. To be called before the device
/// is made, so that there is no moment without it.
///
/// **Threads** before any other thread is started.
/// **Errors** as accountToBecome() and startHelper().
Result<Descriptor> keepDevice(const std::string& alias, const std::optional<std::string>& user);

/// Whether the process has this capability (CAP_) now.
bool hasCapability(int capability);

}  // namespace vsdump
