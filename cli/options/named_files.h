// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "capture/error.h"

namespace vsdump {

/// The filter that the file of -F holds: its text, with comments (from # to the end of the line)
/// made blank.
/// **Errors** systemError() when it cannot be read; BadInput when it is no text or too long.
Result<std::string> readFilterFile(const std::string& path);

/// The names that the file of -V holds, one a line; empty lines do not count. "-" is standard
/// input.
/// **Errors** systemError() when it cannot be read; BadInput when it names nothing, is no text or
/// is too long.
Result<std::vector<std::string>> readFileList(const std::string& path);

/// How the files that a command line names are read. Others than these keep a test off the system.
struct NamedFiles {
  Result<std::string> (*filter)(const std::string& path) = readFilterFile;
  Result<std::vector<std::string>> (*list)(const std::string& path) = readFileList;
};

/// The text of a ports file, which ServiceNames::addFile() takes.
/// **Errors** systemError() when it cannot be read; BadInput when it is no text or too long.
Result<std::string> readPortsFile(const std::string& path);

}  // namespace vsdump
