// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace vsdump {

/// A file of cli/options/man, put into the program by the build.
struct ManFile {
  std::string_view name;  ///< relative to that folder
  std::string_view text;
};

std::span<const ManFile> manFiles();

}  // namespace vsdump
