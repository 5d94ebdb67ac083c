// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cli/text/connection_text.h"
#include "cli/text/line_buffer.h"
#include "cli/text/packet_context.h"
#include "dissector/wire/packet.h"

namespace vsdump {

/// What the lines of the packets that go one way of a connection have in common: the names of both
/// ends, which tcpdump's text begins with, and what vsdump calls the connection.
class alignas(64) FlowText {
 public:
  static constexpr std::size_t kRoom = 40;

  /// "VIRTIO 2.1024 > 42.5000 ". Both need kRoom characters of room.
  char* writeEnds(char* to) const { return ends_.write(to); }
  /// "#12 ssh? -> "
  char* writeConnection(char* to) const { return connection_.write(to); }

 private:
  friend class FlowTexts;

  bool isOf(const Packet& packet, const PacketContext& context) const {
    return id_ == context.seen.connection && direction_ == context.seen.direction &&
           srcCid_ == raw(packet.monitor.src.cid) && dstCid_ == raw(packet.monitor.dst.cid) &&
           srcPort_ == packet.monitor.src.port && dstPort_ == packet.monitor.dst.port &&
           service_ == context.service.name.data() &&
           serviceLength_ == context.service.name.size() &&
           serviceIsGuess_ == context.service.isGuess;
  }

  // What the texts are made of.
  ConnectionId id_ = kNoConnection;
  std::uint32_t srcCid_ = 0;
  std::uint32_t dstCid_ = 0;
  Port srcPort_{};
  Port dstPort_{};
  std::uint32_t serviceLength_ = 0;
  const char* service_ = nullptr;
  bool serviceIsGuess_ = false;
  Direction direction_{};

  ReadyText<kRoom> ends_;
  ReadyText<kRoom> connection_;
};

static_assert(sizeof(FlowText) == 128, "two lines of the cache");

/// The FlowTexts of the newest connections, so that each is made once for many packets.
///
/// **Threads** one at a time.
class FlowTexts {
 public:
  explicit FlowTexts(ConnectionTextStyle style) : style_(style) {}

  /// The texts for this packet of a connection, all fields of which are virtio's; nullptr for one
  /// whose texts are longer than FlowText::kRoom. **Lifetime** until the next call.
  const FlowText* of(const Packet& packet, const PacketContext& context) {
    FlowText& text = texts_[placeOf(context.seen)];
    if (text.isOf(packet, context)) [[likely]] {
      return &text;
    }
    return make(packet, context);
  }

  /// Has what of() will look at brought into the cache, for a packet that comes in a moment.
  [[gnu::always_inline]] void prefetch(const Observation& seen) const {
    const FlowText& text = texts_[placeOf(seen)];
    __builtin_prefetch(&text.id_);
    __builtin_prefetch(&text.connection_);
  }

 private:
  static constexpr std::size_t kMostPlaces = 4096;

  std::size_t placeOf(const Observation& seen) const {
    return (2 * std::size_t{raw(seen.connection)} + index(seen.direction)) & (texts_.size() - 1);
  }

  const FlowText* make(const Packet& packet, const PacketContext& context);

  ConnectionTextStyle style_;
  std::vector<FlowText> texts_{1};  // a power of two; more as more are made
  std::size_t madeOnes_ = 0;
  LineBuffer made_;
};

}  // namespace vsdump
