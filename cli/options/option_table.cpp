// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/option_table.h"

#include <array>
#include <limits>

#include "cli/options/option_values.h"
#include "dissector/payload/registry.h"

namespace vsdump {

namespace {

using enum ArgumentKind;
using enum OptionOrigin;
using Category = OptionCategory;
using namespace option_values;

constexpr std::uint64_t kMostPackets = std::numeric_limits<std::uint64_t>::max();
/// libpcap takes the size of the buffer as an int of bytes.
constexpr std::uint64_t kMostBufferKiB = std::numeric_limits<int>::max() / 1024;
/// af_vsockmon_hdr (32) and virtio_vsock_hdr (44),
/// linux:include/uapi/linux/{vsockmon,virtio_vsock}.h
constexpr std::uint32_t kHeadersBytes = 76;

constexpr std::uint64_t kMostSeconds = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t kMostFiles = std::numeric_limits<std::int32_t>::max();

constexpr std::array<std::string_view, 3> kDirections{"in", "out", "inout"};
constexpr std::array<std::string_view, 3> kColorModes{"auto", "always", "never"};
/// In the order of SortColumn.
constexpr std::array<std::string_view, 10> kSortColumns{
    "id",        "client",   "server",    "service",   "state",
    "handshake", "duration", "to-server", "to-client", "stalls"};
constexpr std::array<std::string_view, 2> kPrecisions{"micro", "nano"};
constexpr std::array<std::string_view, 1> kLinkTypes{"VSOCK"};
constexpr std::array<std::string_view, 3> kShells{"bash", "zsh", "fish"};
constexpr std::array<std::string_view, 2> kManPages{"vsdump.1", "vsdump-filter.7"};
/// pcap-tstamp(7).
constexpr std::array<std::string_view, 6> kTimestampTypes{
    "host", "host_lowprec", "host_hiprec", "host_hiprec_unsynced", "adapter", "adapter_unsynced"};
/// tcpdump(8), 4.99.3.
constexpr std::array<std::string_view, 20> kPacketTypes{
    "aodv", "carp", "cnfp", "domain", "lmp",    "pgm",  "pgm_zmtp1", "ptp",   "radius", "resp",
    "rpc",  "rtcp", "rtp",  "snmp",   "someip", "tftp", "vat",       "vxlan", "wb",     "zmtp1"};

Problem setSnapshotLength(GivenOptions& given, std::string_view value) {
  const auto bytes = parseNumber(value, NumberStyle::AsInC);
  if (!bytes || *bytes > kDefaultSnapshotLength) {
    return notANumberBetween(0, kDefaultSnapshotLength);
  }
  given.snapshotLengthBytes =
      *bytes == 0 ? kDefaultSnapshotLength : static_cast<std::uint32_t>(*bytes);
  return std::nullopt;
}

Problem setDirection(GivenOptions& given, std::string_view value) {
  constexpr std::array kValues{TrafficDirection::In, TrafficDirection::Out, TrafficDirection::Both};
  const auto index = indexOf(kDirections, value);
  if (!index) return noneOf(kDirections);
  given.direction = kValues[*index];
  return std::nullopt;
}

Problem setProtocol(GivenOptions& given, std::string_view value) {
  if (!payload::isMessageProtocol(value)) return "is none of " + payload::messageProtocolNames();
  given.protocol = std::string(value);
  return std::nullopt;
}

Problem setSlow(GivenOptions& given, std::string_view value) {
  const auto nanoseconds = parseDuration(value);
  if (!nanoseconds) return "is no time such as 100ms, 2s or 50us";
  given.slowerThanNs = *nanoseconds;
  return std::nullopt;
}

Problem addDecodeAs(GivenOptions& given, std::string_view value) {
  const std::size_t equals = value.find('=');
  const auto port = parseNumber(value.substr(0, equals), NumberStyle::AsInC);
  if (!port || *port > std::numeric_limits<std::uint32_t>::max() ||
      equals == std::string_view::npos) {
    return "is not PORT=PROTOCOL";
  }
  const payload::Protocol* protocol = payload::findProtocol(value.substr(equals + 1));
  if (protocol == nullptr) {
    return "has no protocol behind the = that is one of " + payload::messageProtocolNames();
  }
  given.decodeAs[static_cast<std::uint32_t>(*port)] = protocol;
  return std::nullopt;
}

Problem setColor(GivenOptions& given, std::string_view value) {
  constexpr std::array kValues{ColorMode::Auto, ColorMode::Always, ColorMode::Never};
  const auto index = indexOf(kColorModes, value);
  if (!index) return noneOf(kColorModes);
  given.color = kValues[*index];
  return std::nullopt;
}

/// tcpdump looks at the first letters only, so that "nanoseconds" is fine.
Problem setPrecision(GivenOptions& given, std::string_view value) {
  if (!value.starts_with(kPrecisions[0]) && !value.starts_with(kPrecisions[1])) {
    return noneOf(kPrecisions);
  }
  given.nanoseconds = value.starts_with(kPrecisions[1]);
  return std::nullopt;
}

Problem setTimestampType(GivenOptions& given, std::string_view value) {
  const auto index = indexOf(kTimestampTypes, value);
  if (!index) return noneOf(kTimestampTypes);
  given.timestampType = kTimestampTypes[*index];
  return std::nullopt;
}

Problem setLinkType(GivenOptions& given, std::string_view value) {
  const auto index = indexOf(kLinkTypes, value);
  if (!index) return noneOf(kLinkTypes) + ", the one link type that vsdump reads";
  given.linkType = kLinkTypes[*index];
  return std::nullopt;
}

Problem setSortColumn(GivenOptions& given, std::string_view value) {
  const auto index = indexOf(kSortColumns, value);
  if (!index) return noneOf(kSortColumns);
  given.sortColumn = SortColumn{static_cast<int>(*index)};
  return std::nullopt;
}

Problem setPrintEvery(GivenOptions& given, std::string_view value) {
  given.printWhileWriting = true;
  return number<&GivenOptions::printEvery, 1, kMostPackets>(given, value);
}

Problem setCompletion(GivenOptions& given, std::string_view value) {
  constexpr std::array kValues{Shell::Bash, Shell::Zsh, Shell::Fish};
  const auto index = indexOf(kShells, value);
  if (!index) return noneOf(kShells);
  given.action = Action::PrintCompletion;
  given.completionShell = kValues[*index];
  return std::nullopt;
}

Problem setManPage(GivenOptions& given, std::string_view value) {
  constexpr std::array kValues{ManPage::Program, ManPage::Filter};
  const auto index = indexOf(kManPages, value);
  if (!index) return noneOf(kManPages);
  given.action = Action::PrintManPage;
  given.manPage = kValues[*index];
  return std::nullopt;
}

Problem checkPacketType(GivenOptions&, std::string_view value) {
  if (!indexOf(kPacketTypes, value)) return noneOf(kPacketTypes);
  return std::nullopt;
}

/// Millions of bytes, as tcpdump has it, or the unit that a letter behind the number says.
Problem setRotateBytes(GivenOptions& given, std::string_view value) {
  constexpr std::string_view kUnits = "kKmMgG";
  std::uint64_t unit = 1'000'000;
  std::string_view digits = value;
  if (const std::size_t at = value.empty() ? value.npos : kUnits.find(value.back());
      at != value.npos) {
    unit = std::uint64_t{1} << (at / 2 + 1) * 10;
    digits.remove_suffix(1);
  }
  const auto number = parseNumber(digits, NumberStyle::Decimal);
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (!number || *number == 0 || *number > kMost / unit) {
    return "is no size: a whole number of millions of bytes, or one with k, m or g behind it";
  }
  given.rotateBytes = *number * unit;
  return std::nullopt;
}

Problem setFilterCode(GivenOptions& given, std::string_view) {
  ++given.filterCode;
  given.action = Action::PrintFilterCode;
  return std::nullopt;
}

// clang-format off
constexpr auto kOptions = std::to_array<OptionRow>({
    // Where packets come from.
    {.letter = 'i', .longName = "interface", .argument = "NAME", .kind = Interface,
     .category = Category::Source,
     .summary = "capture on this device or number of -D",
     .details =
         "Capture on the vsockmon device NAME, or on the device with this number in the list of -D.\n"
         "If there is no such device and NAME begins with vsockmon, vsdump makes one and says so; it "
         "is gone when vsdump ends, however it ends. See --create for other names. A device that is "
         "down is brought up and left up.\n"
         "Without -i and -r, vsdump captures on the first vsockmon device that is up, and makes one "
         "if there is none. As in tcpdump, -i means nothing when -r or -V is given.",
     .apply = text<&GivenOptions::interface>},
    {.letter = 'r', .argument = "FILE", .kind = InputFile, .category = Category::Source,
     .summary = "read packets from a pcap or pcapng file",
     .details =
         "Read packets from FILE, or from standard input if it is -. It may be pcap or pcapng, and "
         "either of them compressed by gzip or zstd.",
     .apply = text<&GivenOptions::readFile>},
    {.letter = 'V', .argument = "FILE", .kind = InputFile, .category = Category::Source,
     .summary = "read the files that FILE names, one a line",
     .details =
         "Read packets from the files that FILE, or standard input if it is -, names one a line. "
         "-c and --skip count anew in each of them, as in tcpdump.",
     .apply = text<&GivenOptions::fileList>},
    {.longName = "follow-file", .category = Category::Source, .origin = Vsdump,
     .summary = "go on reading as the file of -r grows",
     .details =
         "At the end of the file of -r wait for more, until interrupted. Standard input and FIFOs "
         "are read until their writers close them, with or without this option.",
     .apply = set<&GivenOptions::followFile, true>},
    {.longName = "create", .category = Category::Source, .origin = Vsdump,
     .summary = "make the device of -i whatever its name is",
     .details =
         "If the device of -i does not exist, make it even if its name does not begin with "
         "vsockmon. Without this option such a name is taken for a typing error.",
     .apply = set<&GivenOptions::createAnyName, true>},
    {.longName = "no-create", .category = Category::Source, .origin = Vsdump,
     .summary = "make no device and change none",
     .details =
         "Make no device and bring none up: if there is none to capture on, say so and end.",
     .apply = set<&GivenOptions::mayCreate, false>},
    {.longName = "netns", .argument = "NAME", .kind = Text, .category = Category::Source,
     .origin = Vsdump,
     .summary = "look for the device in this network namespace",
     .details =
         "Look for the device in the network namespace NAME of ip-netns(8), or in that of the "
         "process with this number. Every vsockmon device shows the traffic of the whole kernel, so "
         "this matters only for devices that somebody has made there.",
     .apply = text<&GivenOptions::networkNamespace>},
    {.letter = 'D', .longName = "list-interfaces", .category = Category::Source,
     .summary = "list the vsockmon devices and exit",
     .details = "Print the vsockmon devices of this machine, one a line with a number that -i takes, "
                "and exit.",
     .apply = set<&GivenOptions::action, Action::ListInterfaces>},
    {.letter = 'L', .longName = "list-data-link-types", .category = Category::Source,
     .summary = "list the device's link types and exit",
     .details = "Print the link types of the device of -i, which is VSOCK alone, and exit.",
     .apply = set<&GivenOptions::action, Action::ListLinkTypes>},
    {.letter = 'J', .longName = "list-time-stamp-types", .category = Category::Source,
     .summary = "list the device's time stamp types and exit",
     .details = "Print the time stamp types of the device of -i and exit.",
     .apply = set<&GivenOptions::action, Action::ListTimestampTypes>},

    // What is captured.
    {.letter = 'c', .argument = "COUNT", .kind = Number, .category = Category::Capture,
     .summary = "stop after COUNT packets",
     .details = "Stop after COUNT packets that match the filter.",
     .apply = number<&GivenOptions::packetCount, 1, kMostPackets>},
    {.longName = "skip", .argument = "COUNT", .kind = Number, .category = Category::Capture,
     .origin = OtherTcpdump,
     .summary = "leave out the first COUNT packets",
     .details = "Neither print nor write the first COUNT packets that match the filter.",
     .apply = number<&GivenOptions::skipPackets, 0, kMostPackets>},
    {.letter = 's', .longName = "snapshot-length", .argument = "BYTES", .kind = Number,
     .category = Category::Capture,
     .summary = "keep the first BYTES of each packet (262144)",
     .details =
         "Capture no more than the first BYTES of each packet. 0 stands for the default of 262144, "
         "which keeps every packet whole. It means nothing when a file is read, as in tcpdump.",
     .apply = setSnapshotLength},
    {.longName = "headers-only", .category = Category::Capture, .origin = Vsdump,
     .summary = "keep the headers and no payload: -s 76",
     .details =
         "Capture the vsockmon and virtio headers and no payload: the same as -s 76. The kernel then "
         "has room for many more packets in its buffer, and no contents are recorded.",
     .apply = set<&GivenOptions::snapshotLengthBytes, kHeadersBytes>},
    {.letter = 'B', .longName = "buffer-size", .argument = "KIB", .kind = Number,
     .category = Category::Capture,
     .summary = "size of the kernel's capture buffer (65536)",
     .details =
         "Size of the kernel's capture buffer in units of 1024 bytes. The default is 65536, which is "
         "64 MiB: a vsock packet may have 64 KiB, and a smaller buffer holds only a few of them.",
     .apply = number<&GivenOptions::bufferKiB, 1, kMostBufferKiB>},
    {.letter = 'Q', .longName = "direction", .argument = "DIRECTION", .kind = Choice,
     .category = Category::Capture,
     .summary = "only packets to this machine (in) or from it (out)",
     .details =
         "Capture packets sent to this machine's CID (in), from it (out) or all of them (inout, the "
         "default). The direction is told by the CIDs, as the kernel marks every packet on a "
         "vsockmon device as outgoing. It is refused where there is no local side: with -r and -V, "
         "and for traffic over loopback.",
     .choices = kDirections, .apply = setDirection},
    {.letter = 'F', .argument = "FILE", .kind = InputFile, .category = Category::Capture,
     .summary = "read the filter from FILE",
     .details =
         "Read the filter from FILE, in which # begins a comment. Filter words on the command line "
         "are then ignored, as in tcpdump.",
     .apply = text<&GivenOptions::filterFile>},
    {.letter = 'O', .longName = "no-optimize", .category = Category::Capture,
     .summary = "do not optimise the filter's code",
     .details = "Do not run the optimiser over the filter's code. Of use only if it is suspected of "
                "a mistake.",
     .apply = set<&GivenOptions::optimizeFilter, false>},
    {.letter = 'd', .category = Category::Capture,
     .summary = "print the filter's code for the kernel and exit",
     .details =
         "Print the code that the filter is compiled to for the kernel, and exit. It needs no device "
         "and no rights. A capture that follows connections has the kernel do only that part "
         "which keeps or drops whole connections; see FILTERS.\n"
         "| -d | for people\n"
         "| -dd | as a piece of C\n"
         "| -ddd | as decimal numbers, after their count",
     .apply = setFilterCode},
    {.letter = 'p', .longName = "no-promiscuous-mode", .category = Category::Capture,
     .summary = "do not put the device into promiscuous mode",
     .details = "Do not put the device into promiscuous mode. A vsockmon device shows the same "
                "packets either way.",
     .apply = set<&GivenOptions::promiscuous, false>},
    {.longName = "immediate-mode", .category = Category::Capture,
     .summary = "hand over each packet as it arrives",
     .details =
         "Hand over each packet as it arrives instead of in batches. This is the default when "
         "packets are printed on a terminal.",
     .apply = set<&GivenOptions::immediateMode, true>},
    {.letter = 'j', .longName = "time-stamp-type", .argument = "TYPE", .kind = Choice,
     .category = Category::Capture,
     .summary = "where time stamps come from; see -J",
     .details = "Take time stamps from this source, one of those that -J lists; pcap-tstamp(7) "
                "explains them. A vsockmon device has host alone.",
     .choices = kTimestampTypes, .apply = setTimestampType},
    {.longName = "time-stamp-precision", .argument = "UNIT", .kind = Choice,
     .category = Category::Capture,
     .summary = "micro or nano: how fine times are",
     .details =
         "Capture, write and print times in microseconds (micro, the default) or nanoseconds "
         "(nano). Times of a file that is finer are cut, of one that is coarser filled with zeros.",
     .choices = kPrecisions, .apply = setPrecision},
    {.longName = "micro", .category = Category::Capture,
     .summary = "the same as --time-stamp-precision=micro",
     .details = "The same as --time-stamp-precision=micro.",
     .apply = set<&GivenOptions::nanoseconds, false>},
    {.longName = "nano", .category = Category::Capture,
     .summary = "the same as --time-stamp-precision=nano",
     .details = "The same as --time-stamp-precision=nano.",
     .apply = set<&GivenOptions::nanoseconds, true>},
    {.letter = 'y', .longName = "linktype", .argument = "TYPE", .kind = Choice,
     .category = Category::Capture,
     .summary = "VSOCK, the one link type there is",
     .details = "The link type to capture. It is VSOCK in any case, and any other is refused.",
     .choices = kLinkTypes, .apply = setLinkType},
    {.letter = 'Z', .longName = "relinquish-privileges", .argument = "USER", .kind = User,
     .category = Category::Capture,
     .summary = "go on as USER once the device is open",
     .details =
         "If vsdump runs as root, go on as USER and in that user's groups once the device or the "
         "files are open. The file of -w becomes USER's when it is made; one that is there already "
         "must be USER's or root's. -Z root stays root.",
     .apply = text<&GivenOptions::user>},
    {.longName = "no-sandbox", .category = Category::Capture, .origin = Vsdump,
     .summary = "read packets without the seccomp sandbox",
     .details =
         "Read packets without the sandbox. Once everything is open, vsdump forbids itself to open "
         "files and sockets, to start programs and whatever else it does not need, so that packets "
         "which find a mistake in it gain little. This option is for kernels without seccomp "
         "filters and for debuggers.",
     .apply = set<&GivenOptions::sandbox, false>},

    // Where they go.
    {.letter = 'w', .argument = "FILE", .kind = OutputFile, .category = Category::Output,
     .summary = "write packets to a capture file instead of printing",
     .details =
         "Write the packets to FILE, or to standard output if it is -, and print none. It is a "
         "pcap file, or a pcapng file if the name ends in .pcapng, compressed if it ends in .gz or .zst "
         "(as in FILE.pcapng.zst). With -v a live capture says once a second how many it has.\n"
         "When FILE cannot be written any further (a full disk, a quota, a pipe whose reader is gone), "
         "vsdump cuts it back to its last whole packet where that can be done, says how many packets "
         "it holds and ends with exit code 2. It ends so, too, when FILE or its folder is removed while "
         "it is written; of -C and -G the file is begun anew then, if its folder is there. A reader of "
         "standard output that goes away ends it at once, packets or not. (A reader of printed text that "
         "goes away is no error.)",
     .apply = text<&GivenOptions::writeFile>},
    {.longName = "pcapng", .category = Category::Output,
     .origin = Vsdump,
     .summary = "write a pcapng file, whatever its name",
     .details = "Write a pcapng file, whatever the name that -w gives: with the names of the interfaces, "
                "their counters, comments, and times as fine as they were captured.",
     .apply = set<&GivenOptions::pcapng, true>},
    {.letter = 'C', .argument = "SIZE", .kind = Number, .category = Category::Output,
     .summary = "begin another file of -w after SIZE million bytes",
     .details =
         "Begin another file when that of -w has more than SIZE millions of bytes, before the next "
         "packet. The files after the first have a number from 1 up behind their names. With a letter "
         "the unit is another: k for 1024 bytes, m for 1048576 and g for 1073741824. Of compressed "
         "files it is the size before compression.",
     .apply = setRotateBytes},
    {.letter = 'G', .argument = "SECONDS", .kind = Number, .category = Category::Output,
     .summary = "begin another file of -w after so many seconds",
     .details =
         "Begin another file when that of -w is SECONDS old, before the next packet. The name that -w "
         "gives should have the time in it, as strftime(3) writes it: %H%M%S; else each file takes "
         "the place of the one before. With -C, files within an interval have numbers as well. 0 is "
         "the same as no -G.",
     .apply = number<&GivenOptions::rotateSeconds, 0, kMostSeconds>},
    {.letter = 'W', .argument = "COUNT", .kind = Number, .category = Category::Output,
     .summary = "no more than COUNT files: a ring with -C, an end with -G",
     .details =
         "With -C: write COUNT files, and then begin with the first again, so that the newest packets "
         "are kept; the numbers have zeros in front, so that the names sort. With -G alone: end "
         "after COUNT files.",
     .apply = number<&GivenOptions::rotateFiles, 1, kMostFiles>},
    {.letter = 'z', .argument = "COMMAND", .kind = Text, .category = Category::Output,
     .summary = "run COMMAND FILE for each file that -C or -G ends",
     .details =
         "Run COMMAND with the name of each file that -C or -G has ended as its only word (-z gzip), "
         "at the lowest priority, while the capture goes on. It runs as the user of -Z, who owns the "
         "files that were made, and can gain no other rights. The last file is left as it is, as in tcpdump.",
     .apply = text<&GivenOptions::rotateCommand>},
    {.longName = "print", .category = Category::Output,
     .summary = "print packets as well as write them",
     .details = "Print packets even though -w is given.",
     .apply = set<&GivenOptions::printWhileWriting, true>},
    {.longName = "print-sampling", .argument = "N", .kind = Number, .category = Category::Output,
     .origin = OtherTcpdump,
     .summary = "print every Nth packet only; implies --print",
     .details = "Print the packets whose number can be divided by N, and no others; all of them are "
                "written. It implies --print.",
     .apply = setPrintEvery},
    {.longName = "count", .category = Category::Output,
     .summary = "print the number of packets instead of packets",
     .details =
         "Print no packets but their number, once the files are read. With -c it counts no further "
         "than that; with -w the packets are written. A live capture prints no packets and ends "
         "with its counters, as in tcpdump.",
     .apply = set<&GivenOptions::countOnly, true>},
    {.letter = 'U', .longName = "packet-buffered", .category = Category::Output,
     .summary = "write or print each packet at once",
     .details = "Pass on each packet to the file of -w, or its line to standard output, as soon as it "
                "is there instead of when a buffer is full.",
     .apply = set<&GivenOptions::packetBuffered, true>},
    {.letter = 'l', .category = Category::Output,
     .summary = "print each line at once",
     .details = "Pass on each line to standard output as soon as it is there, even if that is a pipe "
                "or a file: vsdump -l | tee FILE.",
     .apply = set<&GivenOptions::lineBuffered, true>},

    // How they are printed.
    {.letter = 'v', .category = Category::Text,
     .summary = "every header field; -vv: the payload as well",
     .details =
         "Print more of each packet; see OUTPUT FORMAT.\n"
         "| -v | every field of the headers\n"
         "| -vv | the payload as hexadecimal digits and text as well\n"
         "| -vvv | the same as -vv",
     .apply = count<&GivenOptions::verbosity>},
    {.letter = 'q', .category = Category::Text,
     .summary = "exactly the line of tcpdump",
     .details = "Print exactly what tcpdump prints, with any of the options of this section that it "
                "has.",
     .apply = set<&GivenOptions::quiet, true>},
    {.longName = "json", .category = Category::Text, .origin = Vsdump,
     .summary = "JSON objects, one a line, instead of text",
     .details =
         "Print each packet as a JSON object on a line of its own; see OUTPUT FORMAT. It has every "
         "field, so that -v, -t, -# and --color change nothing.",
     .apply = set<&GivenOptions::json, true>},
    {.letter = 't', .category = Category::Text,
     .summary = "no time; -tt to -ttttt: other ways to tell it",
     .details =
         "How to print a packet's time, which is the local time of day without this option.\n"
         "| -t | not at all\n"
         "| -tt | in seconds since January 1, 1970, UTC\n"
         "| -ttt | since the packet before\n"
         "| -tttt | with the date, in local time\n"
         "| -ttttt | since the first packet",
     .apply = count<&GivenOptions::timestampLevel>},
    {.letter = '#', .longName = "number", .category = Category::Text,
     .summary = "number the packets",
     .details = "Begin each line with the packet's number.",
     .apply = set<&GivenOptions::numbers, true>},
    {.longName = "lengths", .category = Category::Text, .origin = OtherTcpdump,
     .summary = "print the lengths captured and sent",
     .details = "Begin each line, after the number of -#, with the bytes captured and the bytes that "
                "the packet had: caplen 76 len 112.",
     .apply = set<&GivenOptions::recordLengths, true>},
    {.letter = 'x', .category = Category::Text,
     .summary = "print packets in hex; -xx: all headers too",
     .details =
         "Print the bytes of each packet below its line as hexadecimal digits.\n"
         "| -x | what follows the vsockmon header\n"
         "| -xx | the whole record\n"
         "If several of -x, -X and -A are given, -X wins over -x, and -x over -A.",
     .apply = count<&GivenOptions::hexLevel>},
    {.letter = 'X', .category = Category::Text,
     .summary = "print packets in hex and ASCII; -XX: all headers",
     .details =
         "Print the bytes of each packet below its line as hexadecimal digits and ASCII.\n"
         "| -X | what follows the vsockmon header\n"
         "| -XX | the whole record",
     .apply = count<&GivenOptions::hexAsciiLevel>},
    {.letter = 'A', .category = Category::Text,
     .summary = "print packets in ASCII; -AA: all headers too",
     .details =
         "Print the bytes of each packet below its line as ASCII, with a dot for what has no "
         "printable form.\n"
         "| -A | what follows the vsockmon header\n"
         "| -AA | the whole record",
     .apply = count<&GivenOptions::asciiLevel>},
    {.letter = 'n', .category = Category::Text,
     .summary = "no names for CIDs and ports",
     .details = "Print CIDs and ports as numbers only, without the names that vsdump knows.",
     .apply = set<&GivenOptions::numericNames, true>},
    {.longName = "color", .argument = "WHEN", .kind = Choice, .category = Category::Text,
     .origin = Vsdump,
     .summary = "auto, always or never colour lines",
     .details = "Colour the lines: on a terminal if NO_COLOR is not set (auto, the default), always "
                "or never. Output of -q is never coloured.",
     .choices = kColorModes, .apply = setColor},
    {.longName = "decode-as", .argument = "PORT=PROTOCOL", .kind = Text,
     .category = Category::Text, .origin = Vsdump,
     .summary = "take what goes to this port for this protocol",
     .details = "Decode the payload of connections to this port as this protocol, whatever it "
                "begins with. May be given more than once.",
     .apply = addDecodeAs},

    // For single commands.
    {.longName = "raw", .category = Category::Command, .origin = Vsdump,
     .summary = "follow: exactly the bytes, nothing else",
     .details = "Of follow: print exactly the bytes of the payload. Give a direction with it.",
     .apply = set<&GivenOptions::followForm, FollowForm::Raw>},
    {.longName = "hex", .category = Category::Command, .origin = Vsdump,
     .summary = "follow: in hexadecimal and ASCII",
     .details = "Of follow: print the payload in hexadecimal and ASCII.",
     .apply = set<&GivenOptions::followForm, FollowForm::Hex>},
    {.longName = "text", .category = Category::Command, .origin = Vsdump,
     .summary = "follow: as lines of text, which is the default",
     .details = "Of follow: print the payload as lines of text, with what is no text escaped. This "
                "is the default.",
     .apply = set<&GivenOptions::followForm, FollowForm::Text>},
    {.longName = "messages", .category = Category::Command, .origin = Vsdump,
     .summary = "follow: as messages of its protocol",
     .details = "Of follow: print the messages that the payload consists of, as vsdump messages does.",
     .apply = set<&GivenOptions::followForm, FollowForm::Messages>},
    {.longName = "to-server", .category = Category::Command, .origin = Vsdump,
     .summary = "follow: only what goes to the server",
     .details = "Of follow: print only what goes to the server.",
     .apply = set<&GivenOptions::onlyToServer, true>},
    {.longName = "to-client", .category = Category::Command, .origin = Vsdump,
     .summary = "follow: only what goes to the client",
     .details = "Of follow: print only what goes to the client.",
     .apply = set<&GivenOptions::onlyToClient, true>},
    {.longName = "sort", .argument = "COLUMN", .kind = Choice,
     .category = Category::Command, .origin = Vsdump,
     .summary = "connections: order rows by this column",
     .details = "Of connections: order the rows by this column; numbers with the largest first, but "
                "id, the default, with the smallest.",
     .choices = kSortColumns, .apply = setSortColumn},
    {.longName = "keep", .argument = "COUNT", .kind = Number,
     .category = Category::Command, .origin = Vsdump,
     .summary = "connections: rows of closed ones that are kept",
     .details = "Of connections: keep the newest COUNT rows of closed connections, so that a capture "
                "without end has room: 10000 in a live capture unless given, all of a file. The "
                "totals count them all.",
     .apply = number<&GivenOptions::keptRows, 1, kMostPackets>},
    {.longName = "interval", .argument = "SECONDS", .kind = Number,
     .category = Category::Command, .origin = Vsdump,
     .summary = "stats: seconds that a line stands for; 1 unless given",
     .details = "Of stats: how many seconds a line stands for; 1 unless given.",
     .apply = number<&GivenOptions::intervalSeconds, 1, 86400>},
    {.longName = "protocol", .argument = "NAME", .kind = Text,
     .category = Category::Command, .origin = Vsdump,
     .summary = "messages: only those of this protocol",
     .details = "Of messages: print only those of this protocol, such as kata, http or nbd.",
     .apply = setProtocol},
    {.longName = "slow", .argument = "TIME", .kind = Text,
     .category = Category::Command, .origin = Vsdump,
     .summary = "messages: only requests whose reply took so long: 100ms",
     .details = "Of messages: print only requests whose reply took TIME or longer: a number with "
                "ns, us, ms or s behind it. Requests that wait for an event are left out.",
     .apply = setSlow},
    {.longName = "payload", .category = Category::Command, .origin = Vsdump,
     .summary = "messages: environments and standard streams, too",
     .details = "Of messages: print environments and standard streams that messages carry, too. Other "
                "people's passwords may be among them.",
     .apply = set<&GivenOptions::showsSecrets, true>},
    {.longName = "probe", .category = Category::Command, .origin = Vsdump,
     .summary = "open /dev/vsock to ask for the local CID",
     .details = "Open /dev/vsock to ask for this machine's CID. Without it no vsock device is "
                "touched.",
     .apply = set<&GivenOptions::probe, true>},

    // About vsdump.
    {.letter = 'h', .longName = "help", .category = Category::Information,
     .summary = "print this text and exit",
     .details = "Print a summary of the options and exit.",
     .apply = set<&GivenOptions::action, Action::Help>},
    {.longName = "version", .category = Category::Information,
     .summary = "print the versions of vsdump and its libraries",
     .details = "Print the versions of vsdump and of the libraries that it uses, and exit.",
     .apply = set<&GivenOptions::action, Action::Version>},
    {.longName = "list-ports", .category = Category::Information, .origin = Vsdump,
     .summary = "list the names of ports and exit",
     .details = "Print the names that vsdump has for ports, those of the files in FILES first, and "
                "exit. Each row has the form of such a file, and what was left out of one is said "
                "on standard error.",
     .apply = set<&GivenOptions::action, Action::ListPorts>},

    // What tcpdump has for other protocols: scripts that pass it along need not be changed.
    {.letter = 'a', .category = Category::Accepted, .summary = "of tcpdump's past", .apply = ignore},
    {.letter = 'b', .category = Category::Accepted, .summary = "BGP numbers", .apply = ignore},
    {.letter = 'e', .category = Category::Accepted,
     .summary = "link header, which a vsock line always has", .apply = ignore},
    {.letter = 'E', .argument = "SECRET", .kind = Text, .category = Category::Accepted,
     .summary = "IPsec keys", .apply = ignore},
    {.letter = 'f', .category = Category::Accepted,
     .summary = "foreign IPv4 addresses; refused with -r and -V, as by tcpdump", .apply = ignore},
    {.letter = 'g', .longName = "ip-oneline", .category = Category::Accepted,
     .origin = OtherTcpdump, .summary = "IP on one line", .apply = ignore},
    {.letter = 'H', .category = Category::Accepted, .summary = "802.11s headers", .apply = ignore},
    {.letter = 'I', .longName = "monitor-mode", .category = Category::Accepted,
     .summary = "Wi-Fi monitor mode; refused without -r and -V, as by tcpdump", .apply = ignore},
    {.letter = 'K', .longName = "dont-verify-checksums", .category = Category::Accepted,
     .summary = "checksums of IP", .apply = ignore},
    {.letter = 'm', .argument = "MODULE", .kind = Text, .category = Category::Accepted,
     .summary = "SNMP modules", .apply = ignore},
    {.letter = 'M', .argument = "SECRET", .kind = Text, .category = Category::Accepted,
     .summary = "TCP-MD5 secret", .apply = ignore},
    {.letter = 'N', .category = Category::Accepted, .summary = "domains of host names",
     .apply = ignore},
    {.letter = 'S', .longName = "absolute-tcp-sequence-numbers", .category = Category::Accepted,
     .summary = "TCP sequence numbers", .apply = ignore},
    {.letter = 'T', .argument = "TYPE", .kind = Choice, .category = Category::Accepted,
     .summary = "protocol over UDP; one that tcpdump knows", .choices = kPacketTypes,
     .apply = checkPacketType},
    {.letter = 'u', .category = Category::Accepted, .summary = "NFS handles", .apply = ignore},

    // What vsdump has not.
    {.letter = 'Y', .longName = "debug-filter-parser", .category = Category::Refused,
     .origin = OtherTcpdump, .summary = "it debugs the filter compiler of libpcap",
     .details = "Use a tcpdump that was built for it."},
    {.longName = "fp-type", .category = Category::Refused,
     .summary = "it tests how tcpdump was built", .details = "Ask tcpdump."},
    {.longName = "time-t-size", .category = Category::Refused, .origin = OtherTcpdump,
     .summary = "it tests how tcpdump was built", .details = "Ask tcpdump."},
    {.longName = "list-remote-interfaces", .argument = "HOST", .kind = Text,
     .category = Category::Refused, .origin = OtherTcpdump,
     .summary = "vsdump captures on this machine only",
     .details = "Capture there and pass it on: ssh HOST vsdump -U -w - | vsdump -r -."},

    // For the build.
    {.longName = "print-man-page", .argument = "PAGE", .kind = Choice,
     .category = Category::Hidden, .origin = Vsdump,
     .summary = "print a man page and exit",
     .choices = kManPages, .apply = setManPage},
    {.longName = "print-completion", .argument = "SHELL", .kind = Choice,
     .category = Category::Hidden, .origin = Vsdump,
     .summary = "print a shell's completions and exit",
     .choices = kShells, .apply = setCompletion},
});
// clang-format on

constexpr std::string_view kFileHasNoLocalSide = "a capture file has no local side";
constexpr std::string_view kUseCidsInFilter = "Select the CIDs with a filter instead.";
constexpr std::string_view kListsOfADevice = "one is about a device, the other about a file";
constexpr std::string_view kDropOne = "Drop one of them.";
constexpr std::string_view kJsonHasNoDump = "JSON lines have no dump of bytes";

constexpr auto kConflicts = std::to_array<OptionConflict>({
    {"-V", "-r", "both say what to read", "Add the file to the list of -V."},
    {"-Q", "-r", kFileHasNoLocalSide, kUseCidsInFilter},
    {"-Q", "-V", kFileHasNoLocalSide, kUseCidsInFilter},
    {"-f", "-r", "tcpdump refuses it too", "Drop -f: it means nothing on vsock."},
    {"-f", "-V", "tcpdump refuses it too", "Drop -f: it means nothing on vsock."},
    {"-L", "-r", kListsOfADevice, kDropOne},
    {"-L", "-V", kListsOfADevice, kDropOne},
    {"-J", "-r", kListsOfADevice, kDropOne},
    {"-J", "-V", kListsOfADevice, kDropOne},
    {"--create", "-r", kListsOfADevice, kDropOne},
    {"--create", "-V", kListsOfADevice, kDropOne},
    {"--create", "--no-create", "one asks for what the other forbids", kDropOne},
    {"--no-create", "-r", kListsOfADevice, kDropOne},
    {"--no-create", "-V", kListsOfADevice, kDropOne},
    {"--netns", "-r", kListsOfADevice, kDropOne},
    {"--netns", "-V", kListsOfADevice, kDropOne},
    {"--follow-file", "-V", "only one file can be followed", "Name it with -r."},
    {"--json", "-q", "each asks for another form of line", kDropOne},
    {"--json", "--count", "each asks for another form of output", kDropOne},
    {"--json", "--lengths", "the lengths are in each object already", "Drop --lengths."},
    {"--json", "-x", kJsonHasNoDump, kDropOne},
    {"--json", "-X", kJsonHasNoDump, kDropOne},
    {"--json", "-A", kJsonHasNoDump, kDropOne},
});

}  // namespace

std::span<const OptionRow> optionTable() {
  return kOptions;
}

std::span<const OptionConflict> optionConflicts() {
  return kConflicts;
}

std::string optionName(const OptionRow& row) {
  if (row.letter != 0) return {'-', row.letter};
  return "--" + std::string(row.longName);
}

std::string_view categoryHeading(OptionCategory category) {
  switch (category) {
    case Category::Source:
      return "Where packets come from";
    case Category::Capture:
      return "What is captured";
    case Category::Output:
      return "Where packets go";
    case Category::Text:
      return "How packets are printed";
    case Category::Command:
      return "For single commands";
    case Category::Information:
      return "About vsdump";
    case Category::Accepted:
      return "Accepted for the sake of tcpdump, without effect on vsock";
    case Category::Refused:
      return "Not in vsdump";
    case Category::Hidden:
      break;
  }
  return "";
}

}  // namespace vsdump
