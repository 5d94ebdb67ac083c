// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/error.h"
#include "capture/live/direction.h"
#include "capture/live/live_source.h"

namespace vsdump {

/// What a live capture is asked for; the defaults are those of the command line.
struct LiveOptions {
  /// A vsockmon device's name, or its place in listVsockmonDevices() counted from 1. None: the
  /// first device that is up, else a private one.
  std::optional<std::string> interface {};
  bool createAnyName = false;  ///< make a missing device even if its name does not begin "vsockmon"
  std::uint32_t snapshotLengthBytes = kDefaultSnapshotLength;
  std::uint32_t bufferKiB = 64 * 1024;
  bool immediate = false;  ///< packets are shown within 10 ms instead of 100
  bool promiscuous = true;
  std::optional<std::string> timestampType{};  ///< a name from LiveSource::timestampTypes()
  std::optional<std::string> linkType{};       ///< a name; all but VSOCK are refused
  std::optional<Direction> direction{};
  std::string filter{};  ///< libpcap's language
  bool optimizeFilter = true;
  std::chrono::milliseconds waitLimit{1000};  ///< the longest that a read() without packets takes
};

/// A capture that runs.
struct LiveCapture {
  /// Its only interface carries the device's name and the snapshot length.
  std::unique_ptr<LiveSource> source;
  /// What a person should know about how it was opened: whole sentences without a full stop.
  std::vector<std::string> messages;
};

/// Opens a live capture. A device that is missing is made in a network namespace of its own, which
/// goes away with the process however that ends; one that is down is brought up and left up.
///
/// **Threads** The calling thread stays in its network namespace.
/// **Errors** Usage (no such number, not a vsockmon device, a filter that does not compile),
/// Permission (names the capability), NotFound, Unsupported (no vsockmon in this kernel).
Result<LiveCapture> openLive(const LiveOptions& options);

}  // namespace vsdump
