// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "capture/file/byte_order.h"
#include "capture/file/record_reader.h"

namespace vsdump {

/// Reads pcap files: the dialects that libpcap 1.10 reads, in either byte order.
///
/// Records come as they are in the file: neither the snapshot length nor the length on the wire
/// cuts them, and a fraction of a second that is too large counts as it is.
/// **Source** the record layouts are those of draft-ietf-opsawg-pcap; of the dialects, those of
/// libpcap's sf-pcap.c.
class PcapReader final : public RecordReader {
 public:
  /// Whether a file that begins with these bytes (at least 4) is a pcap file.
  static bool recognises(std::span<const std::byte> start);

  /// Takes an input whose start recognises() knows. Waits for its header.
  /// **Errors** BadInput: broken off in the header, of an unknown version or of another link type.
  static Result<std::unique_ptr<PacketSource>> open(InputBuffer input, std::string name);

 private:
  /// Which of a record's two lengths comes first: old writers did not agree.
  enum class LengthOrder { CapturedFirst, WireFirst, SmallerIsCaptured };

  using RecordReader::RecordReader;

  Stop walk() override;
  std::string describeCut(std::span<const std::byte> rest) const override;
  std::uint32_t capturedLength(const std::byte* record) const;

  ByteOrder order_;
  LengthOrder lengthOrder_ = LengthOrder::CapturedFirst;
  std::uint32_t nsPerFraction_ = 1000;
  std::uint32_t recordHeaderSize_ = 16;
};

}  // namespace vsdump
