// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "capture/error.h"
#include "capture/file/byte_order.h"
#include "capture/source.h"

/// The layout of pcap files.
/// **Source** draft-ietf-opsawg-pcap; of the dialects, libpcap's sf-pcap.c.
namespace vsdump::pcap {

inline constexpr std::uint32_t kMicrosecondMagic = 0xa1b2c3d4;
inline constexpr std::uint32_t kNanosecondMagic = 0xa1b23c4d;
/// Kuznetzov's patch: each record also has an interface index, a protocol and a packet type.
inline constexpr std::uint32_t kModifiedMagic = 0xa1b2cd34;

inline constexpr std::uint16_t kMajorVersion = 2;
inline constexpr std::uint16_t kMinorVersion = 4;

/// Magic, version, two fields that are 0, snapshot length, link type.
inline constexpr std::size_t kFileHeaderSize = 24;

/// Seconds, fraction, captured length, length on the wire.
inline constexpr std::size_t kRecordHeaderSize = 16;
inline constexpr std::size_t kModifiedRecordHeaderSize = 24;

struct RecordHeader {
  std::uint32_t seconds = 0;
  std::uint32_t fraction = 0;  ///< micro- or nanoseconds
  std::uint32_t captured = 0;
  std::uint32_t onWire = 0;
};

/// Which of a record's two lengths comes first: old writers did not agree.
enum class LengthOrder { CapturedFirst, WireFirst, SmallerIsCaptured };

/// What a file's header says.
struct Dialect {
  ByteOrder order;
  std::uint32_t nsPerFraction = 1000;
  std::size_t recordHeaderSize = kRecordHeaderSize;
  LengthOrder lengthOrder = LengthOrder::CapturedFirst;
  std::uint16_t linkType = 0;
  std::uint32_t snapshotLength = kDefaultSnapshotLength;  ///< as CaptureInterface has it

  /// The record header at `record`, which has recordHeaderSize bytes.
  RecordHeader headerAt(const std::byte* record) const {
    RecordHeader header{.seconds = order.u32(record),
                        .fraction = order.u32(record + 4),
                        .captured = order.u32(record + 8),
                        .onWire = order.u32(record + 12)};
    if (lengthOrder != LengthOrder::CapturedFirst &&
        (lengthOrder == LengthOrder::WireFirst || header.captured > header.onWire)) {
      const std::uint32_t first = header.captured;
      header.captured = header.onWire;
      header.onWire = first;
    }
    return header;
  }
};

/// Whether a file that begins with these bytes (at least 4) is a pcap file.
bool hasMagic(std::span<const std::byte> start);

/// The first place from `at` on where a file may begin, or that is too near the end to tell; or
/// `end`.
std::size_t nextMagic(std::span<const std::byte> bytes, std::size_t at, std::size_t end);

/// Reads the header of a file for which hasMagic() is true.
/// **Errors** BadInput for an unknown version. Any link type is taken.
Result<Dialect> parseFileHeader(std::span<const std::byte, kFileHeaderSize> header);

}  // namespace vsdump::pcap
