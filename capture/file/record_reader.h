// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capture/file/input_buffer.h"
#include "capture/source.h"

namespace vsdump {

/// The longest record that counts as one. The same as libpcap's MAXIMUM_SNAPLEN; what vsockmon
/// hands out reaches 65612 bytes.
inline constexpr std::uint32_t kMaxCapturedLength = 262144;

/// What the readers of capture files share: they walk over the whole records in the buffer, hand
/// them out as one batch, read on, and tell the ends of the input apart.
///
/// Frames point into the buffer. A record that the input breaks off in stays there until the rest
/// has come or the end is known.
class RecordReader : public PacketSource {
 public:
  Result<Batch> read() final;
  std::span<const CaptureInterface> interfaces() const final { return interfaces_; }
  std::optional<int> pollDescriptor() const final { return input_.stream().pollDescriptor(); }
  std::optional<double> progress() const final { return input_.stream().progress(); }
  std::vector<Comment> takeComments() final { return std::exchange(comments_, {}); }

 protected:
  /// Why a walk over the buffer came to a stop.
  struct Stop {
    std::size_t wanted = 0;                ///< bytes that the next record needs, as far as is known
    std::optional<std::string> problem{};  ///< the next record is none: what is wrong with it
  };

  RecordReader(InputBuffer input, std::string name)
      : input_(std::move(input)), name_(std::move(name)) {}

  /// Takes whole records from the front of the buffer: packets into frames_. Stops at a record
  /// that is not whole yet or is damaged, and leaves that one in the buffer.
  virtual Stop walk() = 0;

  /// What the end of the input cuts short, given the bytes of it that are there (at least one).
  virtual std::string describeCut(std::span<const std::byte> rest) const = 0;

  /// The input is over: the last chance to add notices, or to refuse it.
  virtual Result<void> finish() { return {}; }

  /// Adds a notice about the bytes at `offset` of the (uncompressed) input.
  void addNotice(SourceNotice::Severity severity, std::string message,
                 std::optional<std::uint64_t> offset);

  InputBuffer input_;
  std::string name_;  ///< what messages call the input
  std::vector<CaptureInterface> interfaces_;
  std::vector<Frame> frames_;
  std::vector<Comment> comments_;
  std::uint64_t packetRecords_ = 0;  ///< met so far, those of other link types too

 private:
  Result<Batch> endWith(std::optional<std::string> problem);

  std::vector<SourceNotice> notices_;
  std::optional<SourceState> ended_;
  bool hasRead_ = false;
};

}  // namespace vsdump
