// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "dissector/payload/reader.h"

namespace vsdump {

/// Decodes payload for the lines of packets: which messages each of them completes.
///
/// **Threads** one at a time, in the order of the capture.
class PacketMessages : private payload::MessageConsumer {
 public:
  /// Messages of one packet that are shown; the others are counted.
  static constexpr std::size_t kMostShown = 4;

  explicit PacketMessages(payload::DecodeAs decodeAs) : reader_(*this, std::move(decodeAs)) {}

  /// Takes the packet that the tracker has just observed, and says whether it completes messages.
  bool take(const Frame& frame, const Packet& packet, const Observation& seen,
            const Connection* connection) {
    isTaking_ = true;
    reader_.take(frame, packet, seen, connection);
    isTaking_ = false;
    return count_ != 0;
  }
  /// What they say, escaped: "kata CreateContainer id=c0ffee", "kata CreateContainer ok, 31.4 ms".
  std::string takeText();
  /// What the connection was recognised to carry; empty for nothing.
  std::string_view protocolOf(ConnectionId id) const { return reader_.protocolOf(id); }
  /// Whether no packet in the middle of this connection completes messages any more.
  bool isPlain(ConnectionId id) const { return reader_.isPlain(id); }
  /// The tracker keeps nothing more of this connection.
  void ended(ConnectionId id) { reader_.ended(id); }

 private:
  void asked(const payload::Message& message) override;
  void done(const payload::Message& message) override;
  void add();

  payload::MessageReader reader_;
  std::string text_;       ///< of the packet at hand
  std::string one_;        ///< of its newest message
  std::string last_;       ///< and of the one before
  std::size_t count_ = 0;  ///< messages of the packet
  bool isTaking_ = false;
};

}  // namespace vsdump
