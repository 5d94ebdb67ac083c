// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "capture/error.h"
#include "cli/options/option_table.h"
#include "cli/options/options.h"

namespace vsdump::test {

using Words = std::vector<std::string>;

/// "a 'b c'" for the title of a failing case.
std::string join(const Words& words);

/// parseCommandLine() on these words after the program's name.
Result<Options> parse(const Words& words);

/// The sentence with which these words are refused; empty when they are accepted.
std::string refusal(const Words& words);

/// A file in a folder of its own, gone with the object.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, std::string_view contents);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  const std::string& path() const { return path_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::string path_;
};

/// What a program run to its end has said.
struct ProgramResult {
  int exitCode = -1;
  std::string output;  ///< standard output and error in one
};

/// Runs a program with these words; its standard input is empty.
ProgramResult run(const Words& words);

/// A value that the option takes; empty for an option without one.
std::string goodValue(const OptionRow& row);

}  // namespace vsdump::test
