// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vsdump::test {

/// A folder of its own for a test, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }

  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::vector<std::byte>& bytes) const;

 private:
  std::string path_;
};

std::vector<std::byte> readWholeFile(const std::string& path);

/// Runs a shell command; returns its exit code and what it printed, output and errors in one.
struct CommandResult {
  int exitCode = -1;
  std::string output{};
};
CommandResult runCommand(const std::string& command);

}  // namespace vsdump::test
