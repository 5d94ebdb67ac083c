// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "capture/error.h"
#include "capture/file/descriptor.h"
#include "capture/file/rotated_names.h"
#include "capture/helper/output_rules.h"
#include "capture/live/privileges.h"

namespace vsdump {

/// A process of its own that opens output files for one that may open none.
///
/// It is asked for nothing but "the file begun at this time, with this number", makes the name
/// itself, and finds it from the output folder, which it has open, without following links or
/// leaving the folder. It goes on as the account that the files shall belong to, of root's rights
/// it keeps only that of writing into any folder (CAP_DAC_OVERRIDE), and it ends when this object
/// does, or the process that holds it.
///
/// **Threads** One at a time.
class OutputOpener {
 public:
  struct File {
    Descriptor descriptor;
    std::string name;
  };

  /// Starts the process. `command` is what runCommand() runs.
  ///
  /// **Threads** before any other thread is started, and before the rights are given up.
  /// **Errors** NotFound when the folder is not there.
  static Result<OutputOpener> start(const RotatedNames& names, const Account& owner,
                                    const OutputRules& rules,
                                    const std::optional<std::string>& command);

  /// Opens this file for writing, and makes it if need be. What was in it is left to the caller.
  /// **Errors** Io, also for what is no regular file, a link, a file with several names, or against
  /// the rules; Usage for one that is read.
  Result<File> open(std::time_t begun, std::uint32_t number);

  /// Runs the command with this file's name as its only word, as the account, without any right
  /// and at the lowest priority, and does not wait for it. What goes wrong with it is said on
  /// standard error.
  Result<void> runCommand(std::time_t begun, std::uint32_t number);

 private:
  explicit OutputOpener(Descriptor connection) : connection_(std::move(connection)) {}

  Descriptor connection_;
};

}  // namespace vsdump
