// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcap_writer.h"

#include <array>
#include <cstring>
#include <utility>

#include "capture/file/pcap_format.h"

namespace vsdump {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

struct FileHeader {
  std::uint32_t magic;
  std::uint16_t major = pcap::kMajorVersion;
  std::uint16_t minor = pcap::kMinorVersion;
  std::uint32_t zone = 0;
  std::uint32_t accuracy = 0;
  std::uint32_t snapshotLength;
  std::uint32_t linkType = kLinkTypeVsock;
};
static_assert(sizeof(FileHeader) == pcap::kFileHeaderSize);

struct RecordHeader {
  std::uint32_t seconds;
  std::uint32_t fraction;
  std::uint32_t captured;
  std::uint32_t onWire;
};
static_assert(sizeof(RecordHeader) == pcap::kRecordHeaderSize);

}  // namespace

Result<std::unique_ptr<PacketWriter>> PcapWriter::create(std::unique_ptr<ByteSink> sink,
                                                         std::string name,
                                                         const PcapFormat& format) {
  std::unique_ptr<PcapWriter> writer(
      new PcapWriter(std::move(sink), std::move(name), format.nanoseconds));
  const FileHeader header{
      .magic = format.nanoseconds ? pcap::kNanosecondMagic : pcap::kMicrosecondMagic,
      .snapshotLength = format.snapshotLength};
  auto room = writer->append(sizeof header);
  if (!room) return tl::unexpected(std::move(room.error()));
  std::memcpy(*room, &header, sizeof header);
  if (auto flushed = writer->flush(); !flushed) return tl::unexpected(std::move(flushed.error()));
  return writer;
}

Result<void> PcapWriter::write(std::span<const Frame> frames) {
  for (const Frame& frame : frames) {
    // A time before 1970 wraps around, as in the 32 bits of every pcap file.
    std::int64_t seconds = frame.timestampNs / kNsPerSecond;
    std::int64_t ns = frame.timestampNs % kNsPerSecond;
    if (ns < 0) {
      ns += kNsPerSecond;
      --seconds;
    }
    const RecordHeader header{.seconds = static_cast<std::uint32_t>(seconds),
                              .fraction = static_cast<std::uint32_t>(ns) / nsPerFraction_,
                              .captured = static_cast<std::uint32_t>(frame.bytes.size()),
                              .onWire = frame.wireLengthBytes};
    const bool isLarge = takesPayload(frame.bytes.size());
    auto room = append(sizeof header + (isLarge ? 0 : frame.bytes.size()));
    if (!room) return tl::unexpected(std::move(room.error()));
    std::memcpy(*room, &header, sizeof header);
    if (isLarge) {
      if (auto written = appendPayload(frame.bytes); !written) return written;
    } else if (!frame.bytes.empty()) {
      std::memcpy(*room + sizeof header, frame.bytes.data(), frame.bytes.size());
    }
    endPacket();
  }
  return {};
}

}  // namespace vsdump
