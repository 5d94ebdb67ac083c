// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "capture/error.h"
#include "capture/live/privileges.h"
#include "cli/options/options.h"

namespace vsdump {

/// What every command does once all that it needs is open, and before it looks at a byte of input:
/// goes on as `account`, without rights, and in the sandbox unless that was refused.
///
/// **Threads** before any other thread is started.
/// **Errors** as becomeAccount() and enterSandbox(); the process must end then.
Result<void> confine(const Account& account, const Options& options);

}  // namespace vsdump
