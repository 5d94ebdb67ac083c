// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "capture/error.h"

namespace vsdump {

/// How the files are called that one capture is written to, one after the other.
struct RotatedNames {
  std::string pattern;   ///< the name that was asked for; where `isTimed`, a strftime(3) format
  bool isTimed = false;  ///< the time at which a file was begun is in its name
  int digits = 0;  ///< that the number at the end has at least; with 0 the first file has none
};

/// The name of the file that was begun at this time and has this number, from 0 up.
/// **Errors** Usage when the system takes no name so long, or the time leaves nothing of it.
Result<std::string> rotatedName(const RotatedNames& names, std::time_t begun, std::uint32_t number);

/// The beginning of the pattern that names the folder below which all of the files are: it ends
/// with a slash, or is empty for the current folder.
std::string_view rotatedFolder(const RotatedNames& names);

/// How many digits number this many files in a way that sorts them.
int digitsOf(std::uint32_t files);

}  // namespace vsdump
