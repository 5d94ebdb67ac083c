// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "capture/relay.h"
#include "cli/options/options.h"
#include "cli/run/output.h"
#include "cli/run/packet_formatter.h"
#include "cli/run/packet_tracking.h"
#include "dissector/wire/frame.h"

namespace vsdump {

/// Prints packets one after the other.
///
/// **Threads** take() and takeTracked() in the middle of a turn (see Relay), print() after it.
class PacketStream {
 public:
  /// **Lifetime** borrows the output.
  PacketStream(const Options& options, Output& output);

  /// Takes the packets of a turn. **Lifetime** borrows the frames until print().
  void take(std::size_t seat, std::span<const Frame> frames);

  /// For packets whose connections are followed: empty until it is filled.
  std::vector<TrackedPacket>& tracked(std::size_t seat);
  /// Takes what the vector has got, and returns how many these are.
  std::size_t takeTracked(std::size_t seat);

  /// Prints what the turn has taken.
  /// **Errors** Io.
  Result<void> print(const Relay::Turn& turn);

 private:
  struct Times {
    std::int64_t firstNs;
    std::int64_t previousNs;
  };

  /// The packets of a turn, of one of the two kinds, and what makes their text.
  struct Seat {
    std::unique_ptr<PacketFormatter> formatter{};
    LineBuffer text{};
    std::span<const Frame> frames{};
    std::vector<TrackedPacket> tracked{};
    std::uint64_t before = 0;              // how many packets came before
    std::optional<Times> printedBefore{};  // of those that were printed
  };

  template <typename Packets, typename TimeOf>
  void count(Seat& seat, const Packets& packets, const TimeOf& timeOf);
  template <typename Each>
  Result<void> format(Seat& seat, LineBuffer& out, const Each& each) const;

  Output& output_;
  std::uint64_t printEvery_;  // --print-sampling
  bool writesEveryPacket_;
  std::array<Seat, Relay::kSeats> seats_;

  std::uint64_t count_ = 0;  // of the packets so far
  std::optional<Times> printed_;
};

}  // namespace vsdump
