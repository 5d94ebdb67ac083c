// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <vector>

#include "dissector/payload/message.h"

namespace vsdump {

/// That a packet completes a message, or the reply to one.
struct MessagePart {
  std::uint32_t frame = 0;
  std::uint32_t message : 31 = 0;  ///< a number for KeptMessages::message()
  bool isReply : 1 = false;
};

/// All messages of the capture file that is open, and which packets completed them.
class KeptMessages final : public payload::MessageConsumer {
 public:
  /// What is told from here on belongs to this packet, or to older ones.
  void observe(std::uint32_t frame) { observing_ = frame; }

  /// What a packet completed, in that order. **Lifetime** until the next is observed.
  std::span<const MessagePart> of(std::uint32_t frame) const;
  const payload::Message& message(std::uint32_t number) const { return messages_[number]; }

  void asked(const payload::Message& message) override;
  void done(const payload::Message& message) override;

 private:
  void add(std::uint32_t frame, std::uint32_t number, bool isReply);
  std::uint32_t takeWaiting(const payload::Message& message);

  std::deque<payload::Message> messages_;
  std::vector<MessagePart> parts_;  ///< sorted by frame
  /// Requests that wait for what becomes of them, by connection.
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> waiting_;
  std::uint32_t observing_ = 0;
};

}  // namespace vsdump
