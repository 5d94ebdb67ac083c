// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "capture/error.h"
#include "cli/options/options.h"

namespace vsdump {

/// One line of what `vsdump doctor` says.
struct Check {
  enum class Status { Ok, Missing, Note };
  std::string name;
  Status status = Status::Note;
  std::string value;
  std::string remedy{};  ///< a command or what to do; empty where nothing is wrong
};

/// Looks at this machine. Opens no AF_VSOCK socket and no vsock device, except /dev/vsock for the
/// CID with `probe`.
///
/// `root` stands before every path that is looked at: empty on a real machine.
std::vector<Check> examine(const std::string& root, bool probe);

std::string checksTable(std::span<const Check> checks);

/// A JSON object a check, one a line.
std::string checksJson(std::span<const Check> checks);

/// vsdump doctor; returns the exit code.
Result<int> runDoctor(const Options& options);

}  // namespace vsdump
