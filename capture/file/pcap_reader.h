// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "capture/file/pcap_format.h"
#include "capture/file/pcap_recogniser.h"
#include "capture/file/record_reader.h"

namespace vsdump {

/// Reads pcap files: the dialects that libpcap 1.10 reads, in either byte order, and several files
/// that were joined end to end.
///
/// Records come as they are in the file: neither the snapshot length nor the length on the wire
/// cuts them, and a fraction of a second that is too large counts as it is.
///
/// A packet is handed out once what follows it is a record too, as far as that is at hand. If it is
/// none, bytes are damaged there or inside of the packet; a packet that another one begins in and
/// ends behind is dropped, for bytes of it are missing. What lies wholly inside is payload.
class PcapReader final : public RecordReader {
 public:
  /// Whether a file that begins with these bytes (at least 4) is a pcap file.
  static bool recognises(std::span<const std::byte> start) { return pcap::hasMagic(start); }

  /// Takes an input whose start recognises() knows. Waits for its header.
  /// **Errors** BadInput: broken off in the header, of an unknown version or of another link type.
  static Result<std::unique_ptr<PacketSource>> open(InputBuffer input, std::string name);

 private:
  using Bytes = std::span<const std::byte>;
  using Verdict = PcapRecogniser::Verdict;
  using Judgement = PcapRecogniser::Judgement;

  PcapReader(InputBuffer input, std::string name, const pcap::Dialect& dialect);

  Stop walk(Ahead ahead) override;
  Search search(Bytes bytes, Ahead ahead) const override;
  std::string describeCut(Bytes rest) const override;

  /// Of the whole record.
  std::size_t sizeOf(const Judgement& packet) const {
    return dialect_.recordHeaderSize + packet.header.captured;
  }

  Stop walkFile(Ahead ahead);
  void takeUsualPackets();
  Stop checkEnd(Bytes bytes, Judgement& packet, Ahead ahead) const;
  Stop checkBadEnd(Bytes bytes, const Judgement& packet, Ahead ahead) const;
  Stop checkCut(Bytes bytes, const Judgement& packet) const;
  Stop checkAgainstEnd(Bytes bytes, std::size_t size) const;
  bool isFollowedOutOfTime(Bytes bytes, const pcap::RecordHeader& header) const;
  bool isCutAsOthers(const pcap::RecordHeader& header) const;
  bool takeFileHeader();
  std::string describeNoRecord(Bytes bytes) const;
  void takePacket(const std::byte* record, const Judgement& packet);

  pcap::Dialect dialect_;
  PcapRecogniser recogniser_;
  std::optional<std::size_t> lastCaptured_;   ///< bytes of the last packet
  std::optional<std::uint32_t> lastSeconds_;  ///< of the last packet, unless that is a stray one
  std::uint64_t joinedFiles_ = 0;
};

}  // namespace vsdump
