// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "cli/run/packet_messages.h"
#include "cli/text/packet_context.h"
#include "dissector/connection/tracker.h"

namespace vsdump {

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

  /// Takes the next packet, whose context is filled in; `packet` is dissect(frame). **Lifetime** of
  /// the context's messages: until the second beginBatch() from here on.
  void observe(const Frame& frame, const Packet& packet, PacketContext& context);
  void beginBatch() {
    if (messages_) messages_->beginBatch();
  }

 private:
  void ended(const Connection& connection) override {
    if (messages_) messages_->ended(connection.id);
  }
  void found(const Finding& finding) override {
    found_.push_back({finding.connection, finding.code});
  }

  struct Naming {
    explicit Naming(ServiceNames given) : names(std::move(given)) {}
    ServiceNames names;
    ServiceLookup services{names};
  };

  std::optional<Naming> naming_;
  ConnectionTracker tracker_;
  std::optional<PacketMessages> messages_;
  std::vector<PacketContext::Elsewhere> found_;  // by the packet that is being observed
};

/// A packet with its context, on its way to a printer. **Lifetime** borrows the frame's bytes.
struct TrackedPacket {
  /// Each part is made where it stays: copies would cost as much as the work. The context is the
  /// one that PacketTracking::observe() fills in.
  explicit TrackedPacket(const Frame& next) : frame(next), packet(dissect(frame)) {}

  Frame frame;
  Packet packet;
  PacketContext context{};
};

}  // namespace vsdump
