// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "dissector/names/service_names.h"

namespace vsdump {

/// The services by port as the administrator and the user have named them.
struct NamedPorts {
  ServiceNames services;
  std::vector<std::string> files;     ///< those that were read, the weightier ones last
  std::vector<std::string> problems;  ///< what was left out and why, a sentence each
};

/// Where ports files are looked for, the weightier ones last: /etc/vsdump/ports, then vsdump/ports
/// in XDG_CONFIG_HOME, or in ~/.config without it.
std::vector<std::string> portFilePaths();

/// Reads those of `paths` that exist. One that cannot be read is a problem and not an error.
NamedPorts readPortFiles(const std::vector<std::string>& paths);

}  // namespace vsdump
