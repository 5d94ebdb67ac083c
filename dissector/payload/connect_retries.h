// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "dissector/connection/observation.h"
#include "dissector/payload/message.h"
#include "dissector/wire/packet.h"

namespace vsdump::payload {

/// Who waits for a guest's agent connects to it until it listens, hundreds of times: these attempts
/// become one message with the time that they took, which is how long the agent needed to start. It
/// is told where one of the connections is chosen, however long ago that ended.
///
/// **Source** protocols.md 4: Kata's runtimes do so, and so do users of Firecracker.
class ConnectRetries {
 public:
  /// **Lifetime** borrows the consumer.
  explicit ConnectRetries(MessageConsumer& consumer) : consumer_(consumer) {}

  /// Takes a packet that begins, answers or ends a connection.
  void take(const Frame& frame, const Packet& packet, const Observation& seen,
            const Connection& connection);
  /// The capture is over: tells of those who have waited in vain.
  void finish();

 private:
  static constexpr std::uint64_t kFewest = 2;  ///< refusals that are worth a message
  static constexpr std::size_t kMostSeries = 4096;
  using Key = std::tuple<std::uint32_t, Cid, Cid, Port>;  ///< source, client, server
  struct Series {
    Message message;
    std::uint64_t refusals = 0;
  };

  void tell(Series series, Outcome outcome);

  MessageConsumer& consumer_;
  std::map<Key, Series> series_;
};

/// What the messages are of.
inline constexpr std::string_view kConnectProtocol = "vsock";

}  // namespace vsdump::payload
