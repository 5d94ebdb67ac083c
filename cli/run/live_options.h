// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "capture/live/live_options.h"
#include "cli/options/options.h"

namespace vsdump {

/// What the command line asks of a live capture, without its filter. `isWatched` says that a person
/// looks at the packets as they come, on a terminal.
LiveOptions liveOptionsOf(const Options& options, bool isWatched);

}  // namespace vsdump
