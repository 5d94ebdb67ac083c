// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "dissector/connection/tracker.h"
#include "dissector/payload/connect_retries.h"
#include "dissector/payload/registry.h"
#include "dissector/payload/stream.h"

namespace vsdump::payload {

/// Decodes the payload of all connections of a capture, on top of the tracker. A packet of a
/// connection without a known protocol costs a look at one pointer.
///
/// **Threads** one at a time.
class MessageReader {
 public:
  /// **Lifetime** borrows the consumer.
  explicit MessageReader(MessageConsumer& consumer, DecodeAs decodeAs = {},
                         const PayloadLimits& limits = {});
  ~MessageReader();

  /// Lets messages say what is secret: environments and standard streams.
  void showSecrets() { around_.showsSecrets = true; }
  /// Takes the packet that the tracker has just observed; `connection` is its current().
  void take(const Frame& frame, const Packet& packet, const Observation& seen,
            const Connection* connection) {
    const bool isNoEnd = !seen.endsConnection && packet.virtio.op != VirtioOp::Response;
    if (isNoEnd && isPlain(seen.connection)) return;
    takeAny(frame, packet, seen, connection);
  }
  /// What the payload of a connection was last recognised to be; empty for nothing, and where the
  /// tracker keeps nothing of it.
  std::string_view protocolOf(ConnectionId id) const;
  /// Whether nothing more can come of this connection's payload, until it ends.
  bool isPlain(ConnectionId id) const {
    const std::size_t chunk = raw(id) / kChunk;
    return chunk < chunks_.size() && chunks_[chunk] && chunks_[chunk]->isPlain[raw(id) % kChunk];
  }
  /// The tracker keeps nothing more of this connection.
  void ended(ConnectionId id);
  /// The capture is over.
  void finish();

  const PayloadTotals& totals() const { return around_.totals; }

 private:
  static constexpr std::uint32_t kChunk = 256;
  /// The streams of kChunk connections with numbers in a row.
  struct Chunk {
    std::array<std::unique_ptr<Stream>, kChunk> streams;
    std::array<const Protocol*, kChunk> protocols{};
    std::array<bool, kChunk> isPlain{};  ///< nothing more can come of it
    std::uint32_t used = 0;              ///< connections that have not ended
  };

  void takeAny(const Frame& frame, const Packet& packet, const Observation& seen,
               const Connection* connection);
  void begin(Chunk& chunk, std::uint32_t place, const Frame& frame, const Connection& connection);

  Surroundings around_;
  ConnectRetries retries_;
  DecodeAs decodeAs_;
  ServiceNames services_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
};

}  // namespace vsdump::payload
