// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/options/options.h"

namespace vsdump {

/// -D: the vsockmon devices here, or in the network namespace of --netns. Returns the exit code.
int listInterfaces(const Options& options);

/// -L: the link types of the device that would be captured on.
int listLinkTypes(const Options& options);

/// -J: its sources of time stamps.
int listTimestampTypes(const Options& options);

}  // namespace vsdump
