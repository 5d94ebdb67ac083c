// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cli/options/options.h"
#include "cli/run/output.h"
#include "cli/run/packet_formatter.h"
#include "cli/run/packet_tracking.h"
#include "cli/run/tickets.h"
#include "dissector/wire/frame.h"

namespace vsdump {

/// Prints packets one after the other.
///
/// Where many come at once, the output's companion makes the text while the next ones are read: the
/// packets are put into stretches, and whichever thread is free takes the next one.
///
/// **Threads** for one thread at a time; the companion is its own affair.
class PacketStream {
 public:
  /// So many packets are worth a turn of a thread, and still fit into its cache.
  static constexpr std::size_t kStretch = 128;

  /// **Lifetime** borrows the output.
  PacketStream(const Options& options, Output& output);

  /// Takes packets of a batch.
  /// **Lifetime** borrows the frames until finish(), or until the second endBatch() from here on.
  /// **Errors** Io.
  Result<void> print(std::span<const Frame> frames);
  /// The same of packets whose connections are followed, kStretch of them or fewer. Takes the
  /// vector's contents, and gives it other memory for the next ones.
  Result<void> print(std::vector<TrackedPacket>& packets);

  /// The packets of a batch are complete. Begins with their text, and ends the batch before.
  /// **Errors** Io.
  Result<void> endBatch();

  /// Ends all batches: all text is in the output or on its way.
  /// **Errors** Io.
  Result<void> finish();

 private:
  struct Times {
    std::int64_t firstNs;
    std::int64_t previousNs;
  };

  /// Packets whose text one thread makes at once: one of the two kinds.
  struct Stretch {
    std::span<const Frame> frames{};
    std::vector<TrackedPacket> tracked{};
    std::uint64_t before = 0;            // how many packets came before
    std::optional<Times> printedBefore;  // of those that were printed
  };

  /// The packets of a batch.
  struct Work {
    std::vector<Stretch> stretches;  // the first `used` of them
    std::vector<LineBuffer> texts;   // of each stretch, where they are shared
    std::size_t used = 0;
    Tickets tickets;  // of the stretches
  };

  Result<Stretch*> begin();
  void end(const Stretch& stretch);
  Result<void> finishShared();
  void take(PacketFormatter& formatter, Work& work) const;
  Result<void> printHere();

  Output& output_;
  std::uint64_t printEvery_;  // --print-sampling
  bool writesEveryPacket_;
  bool mayShare_;
  std::unique_ptr<PacketFormatter> formatter_;
  std::unique_ptr<PacketFormatter> companions_;

  std::uint64_t count_ = 0;  // of the packets so far
  std::optional<Times> printed_;
  std::array<Work, 2> works_;
  Work* filled_ = works_.data();  // the batch that print() fills
  Work* shared_ = nullptr;        // the one that the companion works on, if there is one
};

}  // namespace vsdump
