// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "capture/error.h"
#include "cli/options/options.h"

namespace vsdump {

/// The main job: takes packets from a live device or from files, selects them, and prints, writes
/// or counts them.
Result<void> runPackets(const Options& options);

}  // namespace vsdump
