// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "cli/options/options.h"
#include "cli/run/output.h"
#include "cli/text/packet_context.h"
#include "dissector/wire/frame.h"

namespace vsdump {

/// Prints packets one after the other.
class PacketStream {
 public:
  virtual ~PacketStream() = default;

  /// Appends the text of these packets to the output, and writes out what has grown large.
  Result<void> print(std::span<const Frame> frames);
  /// The same of packets whose connections are followed.
  Result<void> print(std::span<const TrackedPacket> packets);

 protected:
  PacketStream(const Options& options, Output& output);

 private:
  /// `context` is nullptr where connections are not followed.
  virtual void append(LineBuffer& buffer, const Frame& frame, const Packet& packet,
                      const PacketContext* context) = 0;
  Result<void> flush() { return writesEveryPacket_ ? output_.flush() : output_.flushIfLarge(); }

  /// Whether the next packet is one of those that are printed (--print-sampling).
  bool isNext() {
    if (++seen_ < printEvery_) return false;
    seen_ = 0;
    return true;
  }

  Output& output_;
  std::uint64_t printEvery_;
  std::uint64_t seen_ = 0;  ///< since the last that was printed
  bool writesEveryPacket_;
};

/// A stream of text or of JSON, as the options say.
/// **Lifetime** borrows the output.
std::unique_ptr<PacketStream> makePacketStream(const Options& options, Output& output);

}  // namespace vsdump
