// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace vsdump {

/// What is known of a part of the kernel that may be a module.
enum class ModuleState {
  Loaded,
  BuiltIn,
  Loadable,  ///< on the disk, not loaded
  Missing,   ///< neither
  Unknown,   ///< not loaded, and the running kernel's modules are not on the disk
};

/// The state of the module `name` (with underscores) in the kernel `release`.
///
/// `root` stands before every path that is read: empty on a real machine.
/// **Source** /proc/modules (proc(5)), /sys/module, modules.dep and modules.builtin (depmod(8))
ModuleState moduleState(const std::string& root, const std::string& release, std::string_view name);

}  // namespace vsdump
