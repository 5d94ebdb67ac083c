// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/file/input_buffer.h"
#include "capture/source.h"

namespace vsdump {

/// The longest record that counts as one. The same as libpcap's MAXIMUM_SNAPLEN; what vsockmon
/// hands out reaches 65612 bytes.
inline constexpr std::uint32_t kMaxCapturedLength = 262144;

/// What comes after the bytes in a reader's buffer.
enum class Ahead {
  Unknown,  ///< it has not been asked for
  Later,    ///< nothing yet: what can be told without it must be told now
  Nothing,  ///< the input is over
};

/// What the readers of capture files share: they walk over the whole records in the buffer, hand
/// them out as one batch, read on, tell the ends of the input apart, and find their way back after
/// a damage.
///
/// What a stream has behind damage and apart from the bytes before is searched like what follows
/// a damaged record: nothing is put together from both sides.
///
/// Frames point into the buffer. A record that the input breaks off in stays there until the rest
/// has come or the end is known.
///
/// A damaged place is skipped byte by byte up to the next record that is recognised for certain,
/// in time that grows with the number of bytes alone. Each place becomes a notice.
class RecordReader : public PacketSource {
 public:
  Result<Batch> read() final;
  std::span<const CaptureInterface> interfaces() const final { return interfaces_; }
  std::optional<int> pollDescriptor() const final { return input_.stream().pollDescriptor(); }
  std::optional<double> progress() const final { return input_.stream().progress(); }
  std::vector<Comment> takeComments() final { return std::exchange(comments_, {}); }
  bool keepsABatch() const final { return true; }
  void prefetch(std::size_t place) final { input_.prefetch(place); }

 protected:
  /// Why a walk over the buffer came to a stop.
  struct Stop {
    std::size_t wanted = 0;                ///< bytes that the next record needs, as far as is known
    std::optional<std::string> problem{};  ///< the next record is none: what is wrong with it
    std::size_t damaged = 1;               ///< with a problem: bytes that are no other record

    /// False where there was no reason to stop.
    explicit operator bool() const { return wanted > 0 || problem.has_value(); }
  };

  /// Where a search for the next record has come to.
  struct Search {
    std::size_t passed = 0;  ///< bytes at the front of the buffer that do not begin a record
    bool found = false;      ///< whether a record begins behind them
    std::size_t wanted = 0;  ///< if not: bytes, from there on, that are needed to tell
  };

  RecordReader(InputBuffer input, std::string name)
      : input_(std::move(input)), name_(std::move(name)) {}

  /// Takes whole records from the front of the buffer: packets into frames_. Stops at a record
  /// that is not whole yet or is damaged, and leaves that one in the buffer.
  virtual Stop walk(Ahead ahead) = 0;

  /// Looks for the next real record from the front of `bytes` on.
  virtual Search search(std::span<const std::byte> bytes, Ahead ahead) const = 0;

  /// What the end of the input cuts short, given the bytes of it that are there (at least one).
  virtual std::string describeCut(std::span<const std::byte> rest) const = 0;

  /// The input is over: the last chance to add notices, or to refuse it.
  virtual Result<void> finish() { return {}; }

  /// walk(), and search() wherever it meets a damage.
  Stop advance(Ahead ahead);

  /// Says that a part of the input could not be read, or not be trusted. `message` is the notice's.
  void addDamage(std::string message, std::uint64_t offset, std::uint64_t skippedBytes);

  /// Adds a notice about the bytes at `offset` of the (uncompressed) input.
  void addNotice(SourceNotice::Severity severity, std::string message,
                 std::optional<std::uint64_t> offset);

  bool isDamaged() const { return damages_ > 0; }

  InputBuffer input_;
  std::string name_;  ///< what messages call the input
  std::vector<CaptureInterface> interfaces_;
  std::vector<Frame> frames_;
  std::vector<Comment> comments_;
  std::uint64_t packetRecords_ = 0;  ///< met so far, those of other link types too

 private:
  /// A damaged place whose end has not been found yet.
  struct Gap {
    std::string problem;
    std::uint64_t offset = 0;
  };

  void advanceWithEnough();
  Batch batch(SourceState state) const;
  void passStreamGap(std::string problem);
  void closeGap(std::string_view upTo);
  Result<Batch> end(std::string streamProblem);
  void tellStreamDamages(std::uint64_t upTo);
  void tell(std::string message, std::uint64_t offset, std::uint64_t skippedBytes);

  std::vector<Frame> framesBefore_;  // of the batch before
  std::vector<SourceNotice> notices_;
  std::optional<Gap> gap_;
  std::vector<InputBuffer::Damage> streamDamages_;  ///< to be told when the reader comes to them
  std::size_t wanted_ = 0;  ///< bytes at the front without which a walk leads nowhere
  std::uint64_t damages_ = 0;
  std::uint64_t skippedBytes_ = 0;
  std::optional<SourceState> ended_;
  bool hasRead_ = false;
};

}  // namespace vsdump
