// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "cli/options/options.h"
#include "cli/run/output.h"
#include "dissector/wire/frame.h"

namespace vsdump {

/// Prints packets one after the other.
class PacketStream {
 public:
  virtual ~PacketStream() = default;

  /// Appends the text of these packets to the output, and writes out what has grown large.
  Result<void> print(std::span<const Frame> frames);

 protected:
  PacketStream(const Options& options, Output& output);

 private:
  virtual void append(LineBuffer& buffer, const Frame& frame) = 0;

  Output& output_;
  std::uint64_t printEvery_;
  std::uint64_t seen_ = 0;
  bool writesEveryPacket_;
};

/// A stream of text or of JSON, as the options say.
/// **Lifetime** borrows the output.
std::unique_ptr<PacketStream> makePacketStream(const Options& options, Output& output);

}  // namespace vsdump
