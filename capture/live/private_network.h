// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "capture/error.h"

namespace vsdump {

/// Runs `work` in a network namespace of its own, made for it, and returns what it returns.
///
/// The namespace lives on as long as a socket that `work` has opened does, and the devices in it
/// live as long as the namespace. So what was made there goes away with the process, however the
/// process ends, and nobody else sees it meanwhile.
///
/// **Threads** `work` runs in a thread of its own, which has ended when this returns; the process
/// stays in its network namespace.
/// **Errors** Permission without CAP_SYS_ADMIN.
Result<void> inPrivateNetwork(const std::function<Result<void>()>& work);

/// Runs `work` in another network namespace: that of ip-netns(8) under this name, or that of the
/// process with this number.
///
/// **Threads** as inPrivateNetwork().
/// **Errors** NotFound; Permission without CAP_SYS_ADMIN.
Result<void> inNetworkNamespace(const std::string& nameOrProcess,
                                const std::function<Result<void>()>& work);

}  // namespace vsdump
