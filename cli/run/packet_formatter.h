// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "cli/options/options.h"
#include "cli/text/line_buffer.h"
#include "cli/text/packet_context.h"
#include "dissector/wire/packet.h"

namespace vsdump {

/// Makes the text of packets, a line or a JSON object each.
///
/// **Threads** one at a time; each thread may have its own.
class PacketFormatter {
 public:
  virtual ~PacketFormatter() = default;

  /// Appends the text. `number` counts the packets that are printed, from 1 on; `context` is
  /// nullptr where connections are not followed.
  virtual void append(LineBuffer& out, const Frame& frame, const Packet& packet,
                      std::uint64_t number, const PacketContext* context) = 0;

  /// A packet with this context will be there in a moment.
  virtual void expect(const PacketContext& context) = 0;

  /// Goes on behind packets that another one has had: when the first and the last of them came.
  virtual void goOnBehind(std::int64_t firstNs, std::int64_t previousNs) = 0;
};

/// For text or JSON, as the options say.
std::unique_ptr<PacketFormatter> makePacketFormatter(const Options& options);

}  // namespace vsdump
