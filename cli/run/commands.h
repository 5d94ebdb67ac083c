// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/options/options.h"

namespace vsdump {

/// Runs a command other than Command::Packets, or prints its help, and returns the exit code.
Result<int> runCommand(const Options& options);

/// What to add to the error when the first word is no filter: that a command may have been meant.
/// Empty when none is near.
std::string commandHint(int argc, const char* const* argv);

}  // namespace vsdump
