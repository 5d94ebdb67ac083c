// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

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

}  // namespace vsdump
