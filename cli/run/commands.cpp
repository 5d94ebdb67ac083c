// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/commands.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/analysis/commands.h"
#include "cli/devices/devices.h"
#include "cli/doctor/doctor.h"
#include "cli/options/suggestion.h"
#include "cli/run/information.h"
#include "cli/run/messages.h"

namespace vsdump {

Result<int> runCommand(const Options& options) {
  if (options.action == Action::Help) return printHelp(options.command);
  switch (options.command) {
    case Command::Devices:
      return runDevices(options);
    case Command::Connections:
      return runConnections(options);
    case Command::Report:
      return runReport(options);
    case Command::Follow:
      return runFollow(options);
    case Command::Messages:
      return runMessages(options);
    case Command::Stats:
      return runStats(options);
    case Command::Doctor:
      return runDoctor(options);
    case Command::Packets:
      break;
  }
  return kExitDone;
}

std::string commandHint(int argc, const char* const* argv) {
  if (argc < 2 || std::string_view(argv[1]).starts_with('-')) return {};
  const auto meant = closestCommand(argv[1]);
  return meant ? fmt::format("If you meant the command: vsdump {}.", *meant) : std::string{};
}

}  // namespace vsdump
