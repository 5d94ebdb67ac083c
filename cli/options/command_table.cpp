// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/command_table.h"

#include <algorithm>
#include <array>

namespace vsdump {

namespace {

constexpr std::array<std::string_view, 2> kDevicesOptions{"--json", "--netns"};
constexpr std::array<std::string_view, 2> kDevicesWords{"add", "remove"};

constexpr std::array<std::string_view, 2> kDoctorOptions{"--json", "--probe"};

constexpr auto kTable = std::to_array<CommandRow>({
    {.command = Command::Devices,
     .name = "devices",
     .usage = "[add NAME | remove NAME]",
     .summary = "list, make and remove vsockmon devices",
     .details =
         "Without further words, list the vsockmon devices of this machine with their state and "
         "what passed them while they were up. Their numbers are those that -i takes.\n"
         "A device that is made by add NAME is brought up and stays until remove NAME, for other "
         "programs to capture on; both need the capability CAP_NET_ADMIN. vsdump itself needs no "
         "such device.",
     .options = kDevicesOptions,
     .mostArguments = 2,
     .firstWords = kDevicesWords},
    {.command = Command::Doctor,
     .name = "doctor",
     .summary = "what this machine can capture and what is missing",
     .details =
         "Say what this machine can capture and what is missing, with the command that mends it: "
         "the "
         "kernel's modules, the rights, the devices, and which virtual machines can be seen from "
         "here "
         "and which only from inside. A line begins with + where all is well and with ! where "
         "something is missing. It changes nothing and opens no vsock socket.",
     .options = kDoctorOptions},
});

}  // namespace

std::span<const CommandRow> commandTable() {
  return kTable;
}

const CommandRow* findCommand(std::string_view name) {
  const auto found = std::ranges::find(kTable, name, &CommandRow::name);
  return found == kTable.end() ? nullptr : &*found;
}

const CommandRow* findCommand(Command command) {
  const auto found = std::ranges::find(kTable, command, &CommandRow::command);
  return found == kTable.end() ? nullptr : &*found;
}

bool takesOption(const CommandRow* command, const OptionRow& option) {
  if (command == nullptr) return option.category != OptionCategory::Command;
  return option.letter == 'h' ||
         std::ranges::find(command->options, optionName(option)) != command->options.end();
}

std::string invocation(const CommandRow* command) {
  return command == nullptr ? "vsdump" : "vsdump " + std::string(command->name);
}

}  // namespace vsdump
