// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "capture/file/pcap_recogniser.h"

/// Where pcap files are joined end to end, or one lies in a packet of another.
namespace vsdump::pcap {

/// The header of a vsock capture at the front of `bytes`.
std::optional<Dialect> vsockFileHeader(std::span<const std::byte> bytes);

/// How many bytes it takes for fileStart().
inline constexpr std::size_t kFileStartSize =
    kFileHeaderSize + kModifiedRecordHeaderSize + kLikenessBytes;

/// The bytes of such a header and the packet behind it, where both are there.
std::optional<std::size_t> fileStart(std::span<const std::byte> bytes);

/// What of several records in a row tells more than each by itself.
struct Chain {
  bool leadsOn = false;     ///< beyond where any packet ends that holds the first, or to the end
  std::size_t end = 0;      ///< where the last of them ends
  std::size_t inMicro = 0;  ///< at the end of them, those whose fractions are below a million
  std::size_t wanted = 0;   ///< where it takes more bytes to tell: how many
  Dialect dialect;          ///< of the last one
};

/// Follows the records at the front of `bytes`, and files that are joined to them, as long as each
/// is of about the time of the one before.
Chain followRecords(std::span<const std::byte> bytes, const Dialect& dialect, Ahead ahead);

/// A file header in bytes that are searched for a record behind a damage.
struct Joint {
  bool isInPacket = false;  ///< it is in the payload of a packet of the file before it
  std::size_t end = 0;      ///< then: up to where other file headers are, too
  std::size_t wanted = 0;   ///< where it takes more bytes to tell: how many
};

/// Judges the file header at the front of `bytes` by what is behind the records that follow it:
/// where the file before it goes on, it was payload. `before` is the time of the last packet.
Joint judgeJoint(std::span<const std::byte> bytes, const Dialect& outer,
                 PcapRecogniser::Seconds before, Ahead ahead);

}  // namespace vsdump::pcap
