// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/doctor/kernel_modules.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace vsdump {

namespace {

bool isLoaded(const std::string& root, std::string_view name) {
  std::ifstream file(root + "/proc/modules");
  for (std::string line; std::getline(file, line);) {
    if (line.substr(0, line.find(' ')) == name) return true;
  }
  return false;
}

/// Whether one of depmod's lists names the module: "kernel/net/vmw_vsock/vsock-diag.ko.xz: ...".
bool lists(const std::string& path, std::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    line.erase(std::min(line.find(':'), line.size()));
    std::string module = line.substr(line.rfind('/') + 1);
    module.erase(std::min(module.find(".ko"), module.size()));
    std::ranges::replace(module, '-', '_');
    if (module == name) return true;
  }
  return false;
}

}  // namespace

ModuleState moduleState(const std::string& root, const std::string& release,
                        std::string_view name) {
  if (isLoaded(root, name)) return ModuleState::Loaded;
  const std::string folder = root + "/lib/modules/" + release;
  std::error_code ignored;
  // A part that is built in has a folder here if it has parameters or a version.
  if (lists(folder + "/modules.builtin", name) ||
      std::filesystem::exists(root + "/sys/module/" + std::string(name), ignored)) {
    return ModuleState::BuiltIn;
  }
  if (lists(folder + "/modules.dep", name)) return ModuleState::Loadable;
  return std::filesystem::exists(folder + "/modules.dep", ignored) ? ModuleState::Missing
                                                                   : ModuleState::Unknown;
}

}  // namespace vsdump
