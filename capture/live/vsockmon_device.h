// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture/error.h"

namespace vsdump {

/// A network device that shows the vsock packets of the whole kernel.
///
/// **Source** drivers/net/vsockmon.c in the kernel
struct VsockmonDevice {
  std::string name;
  int index = 0;  ///< the kernel's number, unique in a network namespace
  bool up = false;
  std::uint64_t packets = 0;  ///< passed while it was up, whether somebody captured or not
  std::uint64_t bytes = 0;
  std::string alias{};      ///< what its maker calls it (IFLA_IFALIAS); mostly empty
  std::uint32_t group = 0;  ///< IFLA_GROUP; mostly 0
};

/// By what the maker of a device is known.
struct DeviceMark {
  std::string alias{};
  std::uint32_t group = 0;  ///< while the device is being made and has no alias yet
};

/// The vsockmon devices of the calling thread's network namespace, oldest first. Needs no rights.
Result<std::vector<VsockmonDevice>> listVsockmonDevices();

/// Makes a vsockmon device and brings it up, with the alias of `mark` unless that is empty.
///
/// **Errors** Permission, which names the capability; Unsupported when the kernel has no vsockmon,
/// with what can be done about it.
Result<void> createVsockmonDevice(const std::string& name, const DeviceMark& mark = {});

/// Brings a device up that is down, and gives it an alias, instead of a group, unless that is
/// empty.
Result<void> bringUp(const std::string& name, const std::string& alias = {});

/// Removes a device.
Result<void> removeVsockmonDevice(const std::string& name);

/// Whether the kernel takes it as the name of a network device.
///
/// **Source** dev_valid_name() in the kernel's net/core/dev.c
bool isValidDeviceName(std::string_view name);

/// What to do about a kernel that knows no vsockmon devices, as a sentence: `modulesFolder` is
/// where its modules would be, /lib/modules/RELEASE.
std::string missingVsockmonHint(const std::string& modulesFolder);

}  // namespace vsdump
