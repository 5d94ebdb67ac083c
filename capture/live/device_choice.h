// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>

#include "capture/error.h"
#include "capture/live/live_options.h"
#include "capture/live/vsockmon_device.h"

namespace vsdump {

/// The device to capture on, and what must be done to it first.
struct DeviceChoice {
  enum class Need { Nothing, BringUp, MakePrivate };
  std::string name;
  Need need = Need::Nothing;
  std::string message;  ///< for a person, when something is needed: a sentence without a full stop
};

/// Chooses among the devices that there are, or a name for one to be made.
///
/// **Errors** Usage and NotFound, with what there is instead.
Result<DeviceChoice> chooseDevice(const LiveOptions& options,
                                  std::span<const VsockmonDevice> devices);

}  // namespace vsdump
