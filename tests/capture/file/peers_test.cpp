// SPDX-License-Identifier: GPL-2.0-or-later
// The readers against libpcap and Wireshark's tools.
#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"
#include "tests/capture/file/temporary.h"

namespace vsdump::test {
namespace {

/// What libpcap reads from a file.
std::vector<Packet> readByLibpcap(const std::string& path) {
  std::vector<Packet> packets;
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* const capture =
      ::pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
  if (capture == nullptr) {
    ADD_FAILURE() << error;
    return packets;
  }
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  while (::pcap_next_ex(capture, &header, &bytes) == 1) {
    const auto* const begin = reinterpret_cast<const std::byte*>(bytes);
    packets.push_back(
        {.timestampNs = std::int64_t{header->ts.tv_sec} * 1'000'000'000 + header->ts.tv_usec,
         .bytes = {begin, begin + header->caplen},
         .wireLength = header->len,
         .number = packets.size() + 1});
  }
  ::pcap_close(capture);
  return packets;
}

RC_GTEST_PROP(PcapReader, ReadsWhatLibpcapReadsInEveryDialect, ()) {
  const PcapDialect dialect = *rc::gen::element(
      PcapDialect{}, PcapDialect{.magic = 0xa1b23c4d}, PcapDialect{.magic = 0xa1b2cd34},
      PcapDialect{.minor = 2}, PcapDialect{.minor = 3}, PcapDialect{.major = 543, .minor = 0});
  PcapDialect chosen = dialect;
  chosen.bigEndian = *rc::gen::arbitrary<bool>();
  std::vector<Packet> packets;
  const auto count = *rc::gen::inRange<std::uint32_t>(0, 40);
  for (std::uint32_t i = 0; i < count; ++i) {
    Packet packet{.timestampNs = *rc::gen::inRange<std::int64_t>(0, 2'000'000'000) * 1'000'000'001,
                  .bytes = vsockRecord(i, *rc::gen::inRange<std::size_t>(0, 3000))};
    packet.wireLength = static_cast<std::uint32_t>(packet.bytes.size());
    packet.bytes.resize(*rc::gen::inRange<std::size_t>(32, packet.bytes.size() + 1));
    packets.push_back(std::move(packet));
  }
  const TemporaryFolder folder;
  const auto path = folder.write("a.pcap", pcapFile(packets, chosen));
  const auto drained = drainFile(path);
  RC_ASSERT(drained.packets == readByLibpcap(path));
  RC_ASSERT(drained.packets.size() == count);
  RC_ASSERT(drained.state == SourceState::End);
}

RC_GTEST_PROP(PcapngReader, ReadsWhatLibpcapReads, ()) {
  auto packets = somePackets(*rc::gen::inRange<std::size_t>(0, 60));
  for (Packet& packet : packets) {
    packet.timestampNs = *rc::gen::inRange<std::int64_t>(0, 2'000'000'000) * 1'000'000'001;
  }
  const TemporaryFolder folder;
  const auto path = folder.write("a", pcapngFile(packets, *rc::gen::arbitrary<bool>()));
  const auto drained = drainFile(path);
  RC_ASSERT(drained.packets == readByLibpcap(path));
  RC_ASSERT(drained.packets == packets);
}

/// One line a packet of link type VSOCK: time, captured length, length, interface.
std::string listedByTshark(const std::string& path) {
  const auto listed = runCommand("tshark -r " + path +
                                 " -T fields -e frame.time_epoch -e frame.cap_len -e frame.len "
                                 "-e frame.interface_name -e frame.encap_type 2>/dev/null");
  std::istringstream lines(listed.output);
  std::string vsock;
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kEncapsulation = "\t185";
    if (line.ends_with(kEncapsulation)) {
      vsock += line.substr(0, line.size() - kEncapsulation.size()) + '\n';
    }
  }
  return vsock;
}

std::string listed(const Drained& drained) {
  std::ostringstream lines;
  for (const Packet& packet : drained.packets) {
    char time[40];
    std::snprintf(time, sizeof time, "%lld.%09lld",
                  static_cast<long long>(packet.timestampNs / 1'000'000'000),
                  static_cast<long long>(packet.timestampNs % 1'000'000'000));
    const std::string& name = drained.interfaces.at(packet.interface).name;
    lines << time << '\t' << packet.bytes.size() << '\t' << packet.wireLength << '\t'
          << (name.empty() ? "unknown" : name) << '\n';  // tshark's word for it
  }
  return lines.str();
}

class MadeByWireshark : public testing::Test {
 protected:
  MadeByWireshark() {
    first_ = folder_.write("first.pcap", pcapFile(somePackets(20)));
    second_ = folder_.write("second.pcap", pcapFile(somePackets(13), {.magic = 0xa1b23c4d}));
  }

  /// Runs a tool in the folder and compares what it made.
  Drained compare(const std::string& command) {
    const auto made = runCommand("cd " + folder_.path("") + " && " + command);
    EXPECT_EQ(made.exitCode, 0) << made.output;
    const auto drained = drainFile(folder_.path("made"));
    EXPECT_EQ(drained.error, "");
    EXPECT_EQ(listed(drained), listedByTshark(folder_.path("made")));
    EXPECT_EQ(drained.state, SourceState::End);
    return drained;
  }

  TemporaryFolder folder_;
  std::string first_;
  std::string second_;
};

TEST_F(MadeByWireshark, SeveralInterfacesOfDifferentPrecisionsAreReadInOneFile) {
  const auto drained = compare("mergecap -I none -F pcapng -w made first.pcap second.pcap");
  EXPECT_EQ(drained.packets.size(), 33u);
  EXPECT_GE(drained.interfaces.size(), 2u);
}

TEST_F(MadeByWireshark, DifferentSnapshotLengthsAreReadInOneFile) {
  const auto drained = compare(
      "editcap -F pcap -s 50 first.pcap short.pcap && "
      "mergecap -I none -F pcapng -w made short.pcap second.pcap");
  EXPECT_EQ(drained.packets.size(), 33u);
}

TEST_F(MadeByWireshark, SectionsFollowEachOther) {
  const auto drained = compare(
      "editcap -F pcapng first.pcap a && editcap -F pcapng second.pcap b && cat a b > made");
  EXPECT_EQ(drained.packets.size(), 33u);
}

TEST_F(MadeByWireshark, PacketsOfOtherLinkTypesAreLeftOutAndCounted) {
  const auto drained = compare(
      "printf '000000 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d\\n' | "
      "text2pcap -q -l 1 - ether.pcap && mergecap -I none -F pcapng -w made first.pcap ether.pcap");
  EXPECT_EQ(drained.packets.size(), 20u);
  ASSERT_EQ(drained.notices.size(), 1u);
  EXPECT_NE(
      drained.notices[0].message.find("left out: its link type is EN10MB (Ethernet), not VSOCK"),
      std::string::npos);
}

TEST_F(MadeByWireshark, CommentsAreKept) {
  const auto drained = compare("editcap -F pcapng -a 3:'look here' first.pcap made");
  ASSERT_EQ(drained.comments.size(), 1u);
  EXPECT_EQ(drained.comments[0].frame, FrameNumber{3});
  EXPECT_EQ(drained.comments[0].text, "look here");
}

TEST_F(MadeByWireshark, AnotherLinkTypeIsRefusedByName) {
  const auto made =
      runCommand("cd " + folder_.path("") + " && editcap -F pcapng -T ether first.pcap made");
  ASSERT_EQ(made.exitCode, 0) << made.output;
  EXPECT_EQ(drainFile(folder_.path("made")).error,
            "cannot read " + folder_.path("made") +
                ": its link type is EN10MB (Ethernet), not VSOCK (Linux vsock)");
}

}  // namespace
}  // namespace vsdump::test
