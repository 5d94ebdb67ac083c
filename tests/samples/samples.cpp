// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/samples/samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>

#include "cli/json/packet_json.h"
#include "cli/text/packet_line.h"
#include "dissector/wire/packet.h"
#include "tests/capture/file/drained.h"
#include "tests/capture/file/temporary.h"

namespace vsdump::test {

namespace {

/// Payload above this is not printed as hex: each of its bytes takes the same way.
constexpr std::size_t kHexPayloadMax = 2000;

std::vector<SampleFile> readSampleFiles() {
  std::vector<SampleFile> samples;
  for (const auto& entry : std::filesystem::directory_iterator(VSDUMP_SOURCE_DIR "/samples")) {
    const auto extension = entry.path().extension();
    if (extension != ".pcap" && extension != ".pcapng") continue;
    samples.push_back({.name = entry.path().filename(),
                       .bytes = readWholeFile(entry.path()),
                       .packets = drainFile(entry.path()).packets});
    if (samples.back().packets.empty()) throw std::runtime_error(entry.path());
  }
  if (samples.empty()) throw std::runtime_error("samples/ has no captures");
  std::ranges::sort(samples, {}, &SampleFile::name);
  return samples;
}

bool isLineOnTerminal(std::string_view text) {
  const auto isHarmless = [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\t'; };
  return text.ends_with('\n') && std::ranges::all_of(text, isHarmless);
}

}  // namespace

const std::vector<SampleFile>& sampleFiles() {
  static const std::vector<SampleFile> samples = readSampleFiles();
  return samples;
}

std::vector<Packet> firstPackets(const SampleFile& sample, std::size_t limit) {
  const auto count = std::min(limit, sample.packets.size());
  return {sample.packets.begin(), sample.packets.begin() + static_cast<std::ptrdiff_t>(count)};
}

Frame frameOf(const Packet& packet) {
  return Frame{.bytes = packet.bytes,
               .timestampNs = packet.timestampNs,
               .number = FrameNumber{packet.number},
               .wireLengthBytes = packet.wireLength,
               .interfaceIndex = packet.interface};
}

void expectPrintable(const Frame& frame) {
  const vsdump::Packet packet = dissect(frame);
  ASSERT_LE(packet.payload.size(), packet.payloadLengthBytes);
  ASSERT_LE(packet.payload.size(), frame.bytes.size());

  static const std::array<TextStyle, 5> kStyles = {
      TextStyle{}, TextStyle{.quiet = true, .verbosity = 1},
      TextStyle{.verbosity = 2, .color = false},
      TextStyle{.quiet = true, .verbosity = 2, .timestamps = TimestampStyle::DateAndTime},
      TextStyle{.hexDump = HexDump::HexAsciiWithLink}};
  static const std::size_t kStylesWithoutHex = 2;
  static LineBuffer text;
  const bool isLong = packet.payload.size() > kHexPayloadMax;
  for (std::size_t i = 0; i < (isLong ? kStylesWithoutHex : kStyles.size()); ++i) {
    text.clear();
    PacketPrinter(kStyles[i]).print(text, frame, packet, 1);
    ASSERT_TRUE(isLineOnTerminal(text.text())) << i << ": " << text.text();
  }
  text.clear();
  putPacketJson(text, frame, packet);
  ASSERT_TRUE(text.text().starts_with('{') && text.text().ends_with("}\n")) << text.text();
  ASSERT_TRUE(isLineOnTerminal(text.text()));
  ASSERT_EQ(std::ranges::count(text.text(), '\n'), 1);
}

}  // namespace vsdump::test
