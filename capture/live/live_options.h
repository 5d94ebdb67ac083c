// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "capture/live/direction.h"
#include "capture/source.h"
#include "dissector/filter/filter.h"

namespace vsdump {

/// What a live capture is asked for; the defaults are those of the command line.
struct LiveOptions {
  /// A vsockmon device's name, or its place in listVsockmonDevices() counted from 1. None: the
  /// first device that is up, else a private one.
  std::optional<std::string> interface {};
  bool createAnyName = false;  ///< make a missing device even if its name does not begin "vsockmon"
  bool mayCreate = true;       ///< otherwise no device is made and none is brought up
  /// Where to look for the device, as inNetworkNamespace() takes it; none is made there.
  std::optional<std::string> networkNamespace{};
  std::optional<std::string> user{};  ///< as accountToBecome() takes it
  std::uint32_t snapshotLengthBytes = kDefaultSnapshotLength;
  std::uint32_t bufferKiB = 64 * 1024;
  bool immediate = false;  ///< packets are handed out within 10 ms or so, not 100
  bool promiscuous = true;
  std::optional<std::string> timestampType{};  ///< a name from LiveSource::timestampTypes()
  std::optional<std::string> linkType{};       ///< a name; all but VSOCK are refused
  std::optional<LocalDirection> direction{};
  filter::Filter filter{};  ///< for the kernel: see kernelPart()
  bool optimizeFilter = true;
  std::chrono::milliseconds waitLimit{1000};  ///< the longest that a read() without packets takes
};

}  // namespace vsdump
