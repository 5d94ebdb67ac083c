// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dissector/filter/selector.h"
#include "dissector/wire/frame.h"

namespace vsdump {

/// Which packets of a source are wanted: those that match the filter, less the first of them
/// (--skip), up to a count (-c).
class Selection {
 public:
  /// **Lifetime** borrows the selector, which goes on from source to source.
  Selection(filter::Selector& selector, std::uint64_t skip, std::optional<std::uint64_t> limit)
      : selector_(selector), skip_(skip), limit_(limit) {}

  /// The wanted frames of a batch. **Lifetime** until the second call from here on, and no longer
  /// than the batch.
  std::span<const Frame> of(std::span<const Frame> frames);

  /// Whether this packet, the next one, is wanted.
  bool takes(const Frame& frame);

  /// Whether this many packets, the next ones, are all wanted. If not, nothing is said of any yet.
  bool takesNext(std::size_t count);

  /// Whether the limit is reached.
  bool complete() const { return limit_ && taken_ >= *limit_; }

  /// How many frames were wanted so far.
  std::uint64_t taken() const { return taken_; }

  /// How many frames did not match the filter so far.
  std::uint64_t unmatched() const { return unmatched_; }

 private:
  filter::Selector& selector_;
  std::uint64_t skip_;
  std::optional<std::uint64_t> limit_;
  std::uint64_t taken_ = 0;
  std::uint64_t unmatched_ = 0;
  std::vector<Frame> matching_;
  std::vector<Frame> matchingBefore_;  // of the call before
};

}  // namespace vsdump
