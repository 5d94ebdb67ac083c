// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "cli/options/options.h"
#include "cli/text/flow_texts.h"
#include "cli/text/line_buffer.h"
#include "cli/text/packet_context.h"
#include "cli/text/timestamp.h"
#include "dissector/wire/packet.h"

namespace vsdump {

/// How packets are to look as text.
struct TextStyle {
  bool quiet = false;          ///< -q: exactly tcpdump's text, its documented mistakes aside
  int verbosity = 0;           ///< how many -v
  bool numbers = false;        ///< -#
  bool names = true;           ///< -n clears it: of CIDs and services
  bool recordLengths = false;  ///< --lengths: captured and whole length of the record first
  bool color = false;
  bool nanoseconds = false;
  TimestampStyle timestamps = TimestampStyle::TimeOfDay;
  HexDump hexDump = HexDump::None;
};

/// Prints packets, each a line or more.
///
/// **Threads** one at a time: relative times depend on the packets before.
class PacketPrinter {
 public:
  explicit PacketPrinter(const TextStyle& style);

  /// Appends the text of one packet, line feed included. `number` is what -# shows; `context` is
  /// what its connection says about it, nullptr where connections are not followed.
  void print(LineBuffer& out, const Frame& frame, const Packet& packet, std::uint64_t number,
             const PacketContext* context = nullptr);

  /// A packet with this context will be there in a moment: has what its line needs brought into the
  /// cache. (Always inlined, as ConnectionTracker::expect() says.)
  [[gnu::always_inline]] void expect(const PacketContext& context) const {
    flows_->prefetch(context.seen);
  }

  /// Goes on behind packets that another printer has printed.
  void goOnBehind(std::int64_t firstNs, std::int64_t previousNs) {
    timestamps_.goOnBehind(firstNs, previousNs);
  }

 private:
  void printOwn(LineBuffer& out, char* to, const Frame& frame, const Packet& packet,
                const PacketContext* context);
  void printMeaning(LineBuffer& out, const Packet& packet, const PacketContext* context);
  bool printUsual(LineBuffer& out, const Frame& frame, const Packet& packet,
                  const PacketContext& context);
  void printDump(LineBuffer& out, const Frame& frame, const Packet& packet) const;

  TextStyle style_;
  TimestampWriter timestamps_;
  bool isBare_;                     // nothing but the line itself
  std::optional<FlowTexts> flows_;  // where connections are shown
  /// What packets with payload and with credit are called: "PAYLOAD, length " and "RW ".
  struct UsualWords {
    static constexpr std::size_t kRoom = 24;
    ReadyText<kRoom> monitorOp;
    ReadyText<kRoom> op;
  };
  std::array<UsualWords, 2> usualWords_;
};

}  // namespace vsdump
