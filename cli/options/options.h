// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "capture/source.h"

namespace vsdump {

namespace payload {
struct Protocol;
}

/// The first word of the command line where it is a command; see command_table.h.
enum class Command {
  Packets,  ///< no such word: print, write or count packets
  Devices,
  Connections,
  Report,
  Follow,
  Messages,
  Stats,
  Doctor,
};

/// What the program is asked to do.
enum class Action {
  Packets,             ///< print, write or count packets: the main job
  Help,                ///< -h, --help
  Version,             ///< --version
  PrintFilterCode,     ///< -d
  ListInterfaces,      ///< -D
  ListLinkTypes,       ///< -L
  ListTimestampTypes,  ///< -J
  ListPorts,           ///< --list-ports
  PrintManPage,        ///< --print-man-page=PAGE, for the build
  PrintCompletion,     ///< --print-completion=SHELL, for the build
};

enum class TimestampStyle {
  TimeOfDay,      ///< no -t: 15:11:48.457868 in local time
  None,           ///< -t
  Epoch,          ///< -tt: seconds since 1970
  SincePrevious,  ///< -ttt
  DateAndTime,    ///< -tttt, local time
  SinceFirst,     ///< -ttttt
};

enum class HexDump { None, Hex, HexWithLink, HexAscii, HexAsciiWithLink, Ascii, AsciiWithLink };

enum class ColorMode { Auto, Always, Never };

/// Whose completions Action::PrintCompletion prints.
enum class Shell { Bash, Zsh, Fish };

/// Which page Action::PrintManPage prints.
enum class ManPage { Program, Filter };

/// How follow prints payload.
enum class FollowForm { Text, Hex, Raw, Messages };

/// What the rows of connections are ordered by; numbers but Id with the largest first.
enum class SortColumn {
  Id,
  Client,
  Server,
  Service,
  State,
  Handshake,
  Duration,
  ToServer,
  ToClient,
  Stalls
};

enum class TrafficDirection { Both, In, Out };

/// The command line after validation: every combination of values in it means something.
struct Options {
  Command command = Command::Packets;
  std::vector<std::string> arguments;  ///< the command's own words, as many as its row allows
  Action action = Action::Packets;
  Shell completionShell = Shell::Bash;  ///< with Action::PrintCompletion
  ManPage manPage = ManPage::Program;   ///< with Action::PrintManPage

  // Where packets come from. No file and no interface: the first vsockmon device that is up.
  std::optional<std::string> interface;  ///< -i: a name, or a number from -D
  std::vector<std::string>
      readFiles;  ///< -r FILE, or the names that -V's file holds; "-" is standard input
  bool readsFileList = false;                                  ///< -V was given
  bool followFile = false;                                     ///< --follow-file
  bool createAnyName = false;                                  ///< --create
  bool mayCreate = true;                                       ///< --no-create clears it
  std::optional<std::string> networkNamespace;                 ///< --netns: a name or a process
  std::uint32_t snapshotLengthBytes = kDefaultSnapshotLength;  ///< -s; --headers-only is 76
  std::uint32_t bufferKiB = 64 * 1024;                         ///< -B
  bool immediateMode = false;                                  ///< --immediate-mode
  bool promiscuous = true;                                     ///< -p clears it
  bool nanoseconds = false;                                    ///< --nano, --time-stamp-precision
  std::optional<std::string> timestampType;                    ///< -j
  std::optional<std::string> linkType;                         ///< -y
  TrafficDirection direction = TrafficDirection::Both;         ///< -Q
  std::optional<std::uint64_t> packetCount;                    ///< -c: of each file with -V
  std::uint64_t skipPackets = 0;    ///< --skip: neither written nor printed
  std::string filter;               ///< the words, or the text of -F's file
  bool optimizeFilter = true;       ///< -O clears it
  int filterCode = 0;               ///< -d's
  std::optional<std::string> user;  ///< -Z
  bool sandbox = true;              ///< --no-sandbox clears it

  bool probe = false;  ///< --probe of doctor

  // What becomes of them.
  std::optional<std::string> writeFile;       ///< -w; "-" is standard output
  bool pcapng = false;                        ///< --pcapng: write that, whatever the file's name
  std::uint64_t rotateBytes = 0;              ///< -C: begin another file behind so many; 0: never
  std::uint32_t rotateSeconds = 0;            ///< -G: begin another file after so many; 0: never
  std::uint32_t rotateFiles = 0;              ///< -W: at most so many; 0: any number
  std::optional<std::string> rotateCommand;   ///< -z: run on each file that is over
  bool printWhileWriting = false;             ///< --print, --print-sampling
  std::uint64_t printEvery = 1;               ///< --print-sampling: packets whose number it divides
  FollowForm followForm = FollowForm::Text;   ///< --raw, --hex, --messages
  bool onlyToServer = false;                  ///< --to-server
  bool onlyToClient = false;                  ///< --to-client
  std::uint32_t intervalSeconds = 1;          ///< --interval
  std::optional<std::uint64_t> keptRows;      ///< --keep: closed connections that are kept
  SortColumn sortColumn = SortColumn::Id;     ///< --sort
  std::optional<std::string> protocol;        ///< --protocol: of messages that are printed
  bool showsSecrets = false;                  ///< --payload
  std::optional<std::uint64_t> slowerThanNs;  ///< --slow: their least latency
  std::map<std::uint32_t, const payload::Protocol*> decodeAs;  ///< --decode-as
  bool countOnly = false;                                      ///< --count
  bool packetBuffered = false;                                 ///< -U
  bool lineBuffered = false;                                   ///< -l
  bool quiet = false;                                          ///< -q: exactly tcpdump's line
  bool json = false;                                           ///< --json
  int verbosity = 0;                                           ///< -v's
  bool numbers = false;                                        ///< -#
  bool recordLengths = false;  ///< --lengths: "caplen N len N " after the number
  bool numericNames = false;   ///< -n
  TimestampStyle timestamps = TimestampStyle::TimeOfDay;
  HexDump hexDump = HexDump::None;
  ColorMode color = ColorMode::Auto;

  bool operator==(const Options&) const = default;
};

}  // namespace vsdump
