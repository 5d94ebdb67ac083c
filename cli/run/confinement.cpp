// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/confinement.h"

#include "capture/sandbox.h"

namespace vsdump {

Result<void> confine(const Account& account, const Options& options) {
  if (Result<void> became = becomeAccount(account); !became) return became;
  return options.sandbox ? enterSandbox() : Result<void>{};
}

}  // namespace vsdump
