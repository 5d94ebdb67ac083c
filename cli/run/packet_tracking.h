// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cli/run/packet_messages.h"
#include "cli/text/packet_context.h"
#include "dissector/connection/tracker.h"

namespace vsdump {

/// A packet with its context, on its way to a printer. **Lifetime** borrows the frame.
struct TrackedPacket {
  /// Each part is made where it stays: copies would cost as much as the work. The context is the
  /// one that PacketTracking fills in.
  explicit TrackedPacket(const Frame& next) : frame(&next), packet(dissect(next)) {}

  const Frame* frame;
  Packet packet;
  PacketContext context{};
};

/// Follows connections for the lines of packets, and keeps nothing but what is live.
///
/// **Threads** one at a time, in the order of the capture.
class PacketTracking : private ConnectionConsumer {
 public:
  PacketTracking() : tracker_(*this) {}

  /// Names servers, too.
  void nameServices(ServiceNames names) { naming_.emplace(std::move(names)); }

  /// Decodes payload, too.
  void decodePayload(payload::DecodeAs decodeAs) { messages_.emplace(std::move(decodeAs)); }

  /// Takes the next packets, whose contexts are filled in. **Lifetime** of their news: until the
  /// second call from here on.
  void observe(std::span<TrackedPacket> packets);

 private:
  void observe(TrackedPacket& tracked);
  void ended(const Connection& connection) override {
    if (messages_) messages_->ended(connection.id);
  }
  void found(const Finding& finding) override {
    found_.push_back({finding.connection, finding.code});
  }

  void tellFound(PacketContext& context);
  void tellAnswer(const Connection& c, const Packet& packet, PacketContext& context);
  PacketNews& newsOf(PacketContext& context);

  struct Naming {
    explicit Naming(ServiceNames given) : names(std::move(given)) {}
    ServiceNames names;
    ServiceLookup services{names};
  };

  /// A connection whose payload has nothing more to say, and so always has the same name.
  struct Known {
    ConnectionId connection = kNoConnection;
    ServiceName service{};
  };

  static constexpr std::size_t kPlaces = 2048;

  std::vector<Known> known_{kPlaces};  // by the connection's number
  std::optional<Naming> naming_;
  ConnectionTracker tracker_;
  std::optional<PacketMessages> messages_;
  std::deque<PacketNews> news_;               ///< a deque, as their addresses have to last
  std::deque<PacketNews> newsBefore_;         ///< of the batch before
  std::vector<PacketNews::Elsewhere> found_;  // by the packet that is being observed
};

}  // namespace vsdump
