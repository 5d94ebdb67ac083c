// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <deque>
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

  /// "kata CreateContainer id=c0ffee", "kata CreateContainer ok, 31.4 ms": what the packet that the
  /// tracker has just observed completes, escaped; nullptr for nothing. **Lifetime** until
  /// the second beginBatch() from here on.
  const std::string* take(const Frame& frame, const Packet& packet, const Observation& seen,
                          const Connection* connection);
  /// What the connection was recognised to carry; empty for nothing.
  std::string_view protocolOf(ConnectionId id) const { return reader_.protocolOf(id); }
  /// The tracker keeps nothing more of this connection.
  void ended(ConnectionId id) { reader_.ended(id); }
  /// A batch begins: nobody needs the texts of the last but one.
  void beginBatch() {
    std::swap(texts_, textsBefore_);
    texts_.clear();
  }

 private:
  void asked(const payload::Message& message) override;
  void done(const payload::Message& message) override;
  void add();

  payload::MessageReader reader_;
  std::deque<std::string> texts_;        ///< a deque, as their addresses have to last
  std::deque<std::string> textsBefore_;  ///< of the batch before
  std::string text_;                     ///< of the packet at hand
  std::string one_;                      ///< of its newest message
  std::string last_;                     ///< and of the one before
  std::size_t count_ = 0;                ///< messages of the packet
  bool isTaking_ = false;
};

}  // namespace vsdump
