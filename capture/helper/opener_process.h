// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "capture/file/rotated_names.h"
#include "capture/helper/output_rules.h"

/// The other side of OutputOpener: what the two say to each other, and the process that answers.
namespace vsdump::output_opener {

enum class Wanted : std::uint32_t { File, Command };

/// One message to the process.
struct Request {
  Wanted wanted = Wanted::File;
  std::uint32_t number = 0;
  std::int64_t begun = 0;  ///< seconds since 1970
};

/// The answer to Wanted::File, with the file's name after it and the descriptor beside it (there is
/// none where something went wrong). Wanted::Command has no answer.
struct Answer {
  std::int32_t errnoValue = 0;
  Refusal refusal = Refusal::None;  ///< of a file that could be opened
};

struct Task {
  RotatedNames names;
  int folder = -1;  ///< rotatedFolder(), open
  std::optional<std::string> command;
  OutputRules rules;
};

/// Answers requests until the other end of the connection is closed.
void serve(int connection, const Task& task);

}  // namespace vsdump::output_opener
