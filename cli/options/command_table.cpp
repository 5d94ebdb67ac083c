// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/command_table.h"

#include <algorithm>
#include <array>

namespace vsdump {

namespace {

constexpr std::array<std::string_view, 2> kDevicesOptions{"--json", "--netns"};
constexpr std::array<std::string_view, 2> kDevicesWords{"add", "remove"};

constexpr auto kConnectionsOptions = std::to_array<std::string_view>(
    {"-r", "-V", "-i", "--create", "--no-create", "--netns", "-B", "-F", "-n", "-Z", "--no-sandbox",
     "--json", "--sort", "--keep", "--decode-as"});
constexpr auto kReportOptions =
    std::to_array<std::string_view>({"-r", "-V", "-i", "--create", "--no-create", "--netns", "-B",
                                     "-F", "-n", "-Z", "--no-sandbox", "--json", "--decode-as"});
constexpr auto kFollowOptions = std::to_array<std::string_view>(
    {"-r", "-V", "-i", "--create", "--no-create", "--netns", "-B", "-Z", "--no-sandbox", "--raw",
     "--hex", "--text", "--messages", "--to-server", "--to-client", "--decode-as"});
constexpr auto kMessagesOptions = std::to_array<std::string_view>(
    {"-r", "-V", "-i", "--create", "--no-create", "--netns", "-B", "-F", "-n", "-t", "-Z",
     "--no-sandbox", "--json", "--protocol", "--slow", "--decode-as", "--payload"});
constexpr auto kStatsOptions =
    std::to_array<std::string_view>({"-r", "-V", "-i", "--create", "--no-create", "--netns", "-B",
                                     "-F", "-n", "-Z", "--no-sandbox", "--interval", "--json"});
constexpr std::array<std::string_view, 2> kDoctorOptions{"--json", "--probe"};

constexpr auto kCommands = std::to_array<CommandRow>({
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
    {.command = Command::Connections,
     .name = "connections",
     .usage = "[-r FILE | -i NAME] [FILTER]",
     .summary = "list connections: ends, state, bytes each way, findings",
     .details =
         "Print a row for each connection: its number, both ends, the protocol of its payload or "
         "the service that probably listens there (with a question mark), how it ended and who "
         "ended it, the time from REQUEST to RESPONSE, how long it lasted, payload bytes each way, "
         "and what was found about it. On a terminal the table is as wide as that and leaves out "
         "columns that find no room; in files and pipes it has them all. With a filter, the "
         "connections that have a packet which it selects; their numbers stay the same.\n"
         "Without -r it captures, as vsdump without a command does. On a terminal the table is "
         "renewed in place until Ctrl-C, and printed in full at the end; elsewhere it is printed "
         "at the end. With --json each connection is printed once nothing more of it is expected, "
         "a minute after its end.",
     .options = kConnectionsOptions,
     .takesFilter = true},
    {.command = Command::Report,
     .name = "report",
     .usage = "[-r FILE | -i NAME] [FILTER]",
     .summary = "say what went wrong and why, worst first",
     .details =
         "Print what was found about the connections of a capture: errors first, then "
         "warnings and notes, each with the packets that prove it, its cause and what to do next. "
         "What repeats on a connection, or on several to the same server, is one entry; --json has "
         "one for each connection. A table of the calls of payload protocols follows: how many, "
         "how many failed or were not answered, and how long they took. Without -r it captures "
         "until Ctrl-C and then reports.",
     .options = kReportOptions,
     .takesFilter = true},
    {.command = Command::Follow,
     .name = "follow",
     .usage = "ID [-r FILE | -i NAME] [FILTER]",
     .summary = "print the payload of one connection",
     .details =
         "Print the payload of the connection with this number in vsdump connections, each "
         "packet's "
         "after a line that names the packet, marked > on the way to the server and < on the way "
         "back; with --messages, the messages that it consists of. Bytes that the kernel's tap "
         "recorded too many are left out. The exit code is 1 if "
         "there is no such connection. With a filter, the payload of the packets that it selects. "
         "Without -r it captures, waits for the connection that gets this number, and ends with "
         "it; "
         "what a filter keeps from being captured has no number.",
     .options = kFollowOptions,
     .leastArguments = 1,
     .mostArguments = 1,
     .takesFilter = true},
    {.command = Command::Messages,
     .name = "messages",
     .usage = "[-r FILE | -i NAME] [FILTER]",
     .summary = "list the requests and replies of payload protocols, with latency",
     .details =
         "Print a line for each message of the protocols that are known, and one for a request "
         "with its reply: when it was sent, its connection, the protocol, what was asked, what "
         "became of it, and how long the reply took. Protocols are told by the first bytes of a "
         "connection, whatever its port. Lines come in the order in which the replies end. With a "
         "filter, the messages of connections that have a packet which it selects. Without -r it "
         "captures until Ctrl-C.\n"
         "Environment values, standard streams, queries of URLs, cookies and credentials are not "
         "shown.",
     .options = kMessagesOptions,
     .takesFilter = true},
    {.command = Command::Stats,
     .name = "stats",
     .usage = "[-r FILE | -i NAME] [FILTER]",
     .summary = "count packets, bytes, connections and stalls over time",
     .details =
         "Print a line for each interval in which packets were captured: packets, payload bytes, "
         "connections that were opened, that ended and that were refused, and stalls; at the end, "
         "the same for each port with the throughput and how long handshakes took. Without -r it "
         "captures until Ctrl-C, and prints each line as its time has passed. A filter selects the "
         "connections that the ports' lines count.",
     .options = kStatsOptions,
     .takesFilter = true},
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
  return kCommands;
}

const CommandRow* findCommand(std::string_view name) {
  const auto found = std::ranges::find(kCommands, name, &CommandRow::name);
  return found == kCommands.end() ? nullptr : &*found;
}

const CommandRow* findCommand(Command command) {
  const auto found = std::ranges::find(kCommands, command, &CommandRow::command);
  return found == kCommands.end() ? nullptr : &*found;
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
