// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/error.h"
#include "dissector/wire/frame.h"

namespace vsdump {

/// What follows after a batch.
enum class SourceState {
  More,     ///< read again
  Waiting,  ///< nothing at hand now, more may come: a growing file, a FIFO, a live device
  End,      ///< whole and over
  Damaged,  ///< what follows cannot be read; the last notice says what and where
};

/// Something about the input that a person should know and that is not a packet: an interface left
/// out, bytes that could not be read, a compressed file that breaks off.
struct SourceNotice {
  enum class Severity { Note, Warning, Error };
  Severity severity = Severity::Warning;
  std::string message;                      ///< one whole sentence without a full stop, escaped
  std::optional<std::uint64_t> byteOffset;  ///< in the (uncompressed) input, where it applies
};

/// Some packets in the order of capture, and what follows them.
///
/// **Lifetime** `frames`, the bytes they point to and `notices` are valid until the next read() of
/// the source that handed them out, or its end.
struct Batch {
  std::span<const Frame> frames;
  std::span<const SourceNotice> notices;
  SourceState state = SourceState::More;
};

/// A comment that a pcapng file carries on a packet of the last batch, or on the file.
struct Comment {
  /// The packet that it belongs to; none for the section's own comments.
  std::optional<FrameNumber> frame;
  std::string text;
};

/// Counters kept by the capturing side. A value that is not known is absent.
struct CaptureStatistics {
  std::optional<std::uint64_t> received;            ///< packets that passed the filter
  std::optional<std::uint64_t> dropped;             ///< packets lost in the kernel's buffer
  std::optional<std::uint64_t> droppedByInterface;  ///< packets lost before the filter
};

/// Where packets of a source come from: an interface block of a pcapng file, the header of a pcap
/// file, or a live device.
struct CaptureInterface {
  std::string name;  ///< empty where the file does not say
  std::string description;
  std::uint16_t linkType = 0;        ///< LINKTYPE_ value
  std::uint32_t snapshotLength = 0;  ///< bytes; 0 for no limit
  bool nanoseconds = false;          ///< whether timestamps are finer than a microsecond
  CaptureStatistics statistics;      ///< the newest that the input has given
};

/// A stream of vsock packets: a capture file, standard input, or a live device.
///
/// **Threads** One thread at a time.
class PacketSource {
 public:
  virtual ~PacketSource() = default;

  /// The next packets. Never blocks longer than it takes to read what is there, except on a
  /// blocking descriptor (standard input, a FIFO). After End or Damaged further calls repeat it.
  /// **Errors** Io when the system refuses to read; what is wrong with the data is not an error but
  /// a notice and SourceState::Damaged.
  virtual Result<Batch> read() = 0;

  /// The interfaces seen so far; it may grow while reading. Frame::interfaceIndex points into it.
  virtual std::span<const CaptureInterface> interfaces() const = 0;

  /// Comments met so far and not yet taken.
  virtual std::vector<Comment> takeComments() { return {}; }
};

/// LINKTYPE_VSOCK, from www.tcpdump.org/linktypes.html.
inline constexpr std::uint16_t kLinkTypeVsock = 271;

/// The snapshot length that tcpdump uses when none is asked for. Whole vsock records reach 65612
/// bytes (32 + 44 + 65536), so nothing is cut.
inline constexpr std::uint32_t kDefaultSnapshotLength = 262144;

}  // namespace vsdump
