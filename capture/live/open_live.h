// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capture/error.h"
#include "capture/live/live_options.h"
#include "capture/live/live_source.h"

namespace vsdump {

/// A capture that runs.
struct LiveCapture {
  /// Its only interface carries the device's name and the snapshot length.
  std::unique_ptr<LiveSource> source;
  /// What a person should know about how it was opened: sentences without a full stop.
  std::vector<std::string> messages;
};

/// Opens a live capture. A device that is missing is made in a network namespace of its own, which
/// goes away with the process however that ends; one that is down is brought up and left up.
/// Without CAP_SYS_ADMIN a missing device is made where everybody sees it, and a process of its own
/// removes it; see keepDevice().
///
/// **Threads** The calling thread stays in its network namespace. Before any other is started.
/// **Errors** Usage (no such number, not a vsockmon device, a filter that does not compile),
/// Permission (names the capability), NotFound, Unsupported (no vsockmon in this kernel).
Result<LiveCapture> openLive(const LiveOptions& options);

}  // namespace vsdump
