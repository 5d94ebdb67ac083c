// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <span>

#include "capture/error.h"
#include "cli/run/output.h"
#include "cli/text/packet_line.h"
#include "dissector/wire/frame.h"

namespace vsdump {

/// Where selected packets end up: on the screen, in a file, in a count.
class PacketSink {
 public:
  virtual ~PacketSink() = default;

  virtual Result<void> take(std::span<const Frame> frames) = 0;

  /// Hands on what take() has kept back.
  virtual Result<void> flush() = 0;

  /// Whether nobody wants any more packets: the reader of a pipe is gone.
  virtual bool closed() const { return false; }
};

/// Prints packets as text. With `everyPacket` each is written out by itself.
std::unique_ptr<PacketSink> makeTextSink(Output& output, const TextStyle& style, bool everyPacket);

/// Prints packets as JSON, an object a line.
std::unique_ptr<PacketSink> makeJsonSink(Output& output, bool everyPacket);

}  // namespace vsdump
