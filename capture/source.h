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

/// LINKTYPE_VSOCK, from www.tcpdump.org/linktypes.html.
inline constexpr std::uint16_t kLinkTypeVsock = 271;

/// The snapshot length that tcpdump uses when none is asked for. Whole vsock records reach 65612
/// bytes (32 + 44 + 65536), so nothing is cut.
inline constexpr std::uint32_t kDefaultSnapshotLength = 262144;

/// What follows after a batch.
enum class SourceState {
  More,     ///< read again
  Waiting,  ///< nothing at hand now, more may come: a growing file, a FIFO, a live device
  End,      ///< whole and over
  Damaged,  ///< over, and a part of it could not be read: notices have said what and where
};

/// Something about the input that a person should know and that is not a packet: an interface left
/// out, bytes that could not be read, a compressed file that breaks off.
struct SourceNotice {
  enum class Severity { Note, Warning, Error };
  Severity severity = Severity::Warning;
  std::string message;                        ///< one whole sentence without a full stop, escaped
  std::optional<std::uint64_t> byteOffset{};  ///< in the (uncompressed) input, where it applies
};

/// Some packets in the order of capture, and what follows them.
///
/// **Lifetime** `frames`, the bytes they point to and `notices` are valid until the next read() of
/// the source that handed them out, or its end; `frames` and their bytes one more call where
/// keepsABatch() says so.
struct Batch {
  std::span<const Frame> frames{};
  std::span<const SourceNotice> notices{};
  SourceState state = SourceState::More;
  /// The place in memory behind the last frame, and which place of the (uncompressed) input that
  /// is.
  const std::byte* end = nullptr;
  std::uint64_t endOffset = 0;
  /// For PacketSource::prefetch().
  std::size_t place = 0;

  /// Where in the (uncompressed) input a frame's bytes are. For sources that read files.
  std::uint64_t offsetOf(const Frame& frame) const {
    return endOffset - static_cast<std::uint64_t>(end - frame.bytes.data());
  }
};

/// A comment that a pcapng file carries on a packet, or on a section or an interface.
struct Comment {
  /// The packet that it belongs to; none for the comments of a section or an interface.
  std::optional<FrameNumber> frame;
  std::string text;  ///< as it stands in the file: not checked, not escaped
};

/// Counters kept by the capturing side. A value that is not known is absent.
struct CaptureStatistics {
  std::optional<std::uint64_t> received;            ///< packets that passed the filter
  std::optional<std::uint64_t> dropped;             ///< packets lost in the kernel's buffer
  std::optional<std::uint64_t> droppedByInterface;  ///< packets lost before the filter
  std::optional<std::int64_t> countedNs{};          ///< when a file says so, since 1970
};

/// Where packets of a source come from: an interface block of a pcapng file, the header of a pcap
/// file, or a live device.
struct CaptureInterface {
  std::string name{};          ///< empty where the file does not say; not escaped
  std::string description{};   ///< not escaped
  std::uint16_t linkType = 0;  ///< LINKTYPE_ value
  /// Bytes. A file that sets no limit, or one above 2^31 - 1, has kDefaultSnapshotLength here.
  std::uint32_t snapshotLength = kDefaultSnapshotLength;
  bool nanoseconds = false;        ///< whether timestamps are finer than a microsecond
  CaptureStatistics statistics{};  ///< the newest that the input has given
};

/// Brings a copy of a source's interfaces() up to date: their counters, and those that are new.
/// (The rest of one never changes.)
void update(std::vector<CaptureInterface>& copy, std::span<const CaptureInterface> interfaces);

/// A stream of vsock packets: a capture file, standard input, or a live device.
///
/// **Threads** One thread at a time.
class PacketSource {
 public:
  virtual ~PacketSource() = default;

  /// The next packets, perhaps none of them yet. Never waits for more to come: that is told by
  /// SourceState::Waiting. After End or Damaged further calls repeat it.
  /// **Errors** Io when the system refuses to read; BadInput when the end shows that a pcapng file
  /// has interfaces and none of them is a vsock one. Damage is not an error but a notice and
  /// SourceState::Damaged.
  virtual Result<Batch> read() = 0;

  /// What to poll for input after SourceState::Waiting. None where polling says nothing (a growing
  /// file): then try again after a while.
  virtual std::optional<int> pollDescriptor() const { return std::nullopt; }

  /// How much of the input is read, from 0 to 1. None where its size is not known.
  virtual std::optional<double> progress() const { return std::nullopt; }

  /// The interfaces seen so far; it may grow while reading. Frame::interfaceIndex points into it.
  virtual std::span<const CaptureInterface> interfaces() const = 0;

  /// Brings the counters of interfaces() up to date where the system has to be asked for them.
  virtual void count() {}

  /// The comments that the last read() has met; after the first one also those that were met on
  /// opening. What is not taken is dropped by the next read().
  virtual std::vector<Comment> takeComments() { return {}; }

  /// Whether the frames of a batch outlive the next read(), so that they can be worked on while the
  /// next ones are read.
  virtual bool keepsABatch() const { return false; }

  /// Reads into memory, where it can, what the read() after the next one is likely to want. `place`
  /// is that of the last batch.
  ///
  /// **Threads** beside the next read(), and over before the one after it.
  virtual void prefetch(std::size_t /*place*/) {}
};

}  // namespace vsdump
