// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/messages.h"

#include <algorithm>

namespace vsdump {

namespace {

constexpr std::uint32_t kNone = UINT32_MAX;

bool isSame(const payload::Details& a, const payload::Details& b) {
  return std::ranges::equal(a.all(), b.all(),
                            [](const payload::Detail& one, const payload::Detail& other) {
                              return one.key == other.key && one.value == other.value;
                            });
}

}  // namespace

std::span<const MessagePart> KeptMessages::of(std::uint32_t frame) const {
  // No equal_range(): clang 14 cannot make g++ 12's subrange.
  const auto first = std::ranges::lower_bound(parts_, frame, {}, &MessagePart::frame);
  const auto last = std::ranges::upper_bound(parts_, frame, {}, &MessagePart::frame);
  return {first, last};
}

void KeptMessages::asked(const payload::Message& message) {
  const auto number = static_cast<std::uint32_t>(messages_.size());
  messages_.push_back(message);
  waiting_[raw(message.connection)].push_back(number);
  add(static_cast<std::uint32_t>(raw(message.packet)), number, false);
}

void KeptMessages::done(const payload::Message& message) {
  std::uint32_t number = takeWaiting(message);
  if (number == kNone) {
    number = static_cast<std::uint32_t>(messages_.size());
    messages_.push_back(message);
    add(static_cast<std::uint32_t>(raw(message.packet)), number, false);
  } else {
    messages_[number] = message;
  }
  if (raw(message.replyPacket) != 0) {
    add(static_cast<std::uint32_t>(raw(message.replyPacket)), number, true);
  }
}

/// The request that this one was when it was asked. A packet may have brought several of the same
/// name, so that what they say decides, which a reply may have added to, however.
std::uint32_t KeptMessages::takeWaiting(const payload::Message& message) {
  const auto found = waiting_.find(raw(message.connection));
  if (found == waiting_.end()) return kNone;
  std::vector<std::uint32_t>& numbers = found->second;
  auto best = numbers.end();
  for (auto at = numbers.begin(); at != numbers.end(); ++at) {
    const payload::Message& one = messages_[*at];
    if (one.packet != message.packet || one.direction != message.direction ||
        one.call != message.call || one.protocol != message.protocol) {
      continue;
    }
    if (best == numbers.end()) best = at;
    if (!isSame(one.details, message.details)) continue;
    best = at;
    break;
  }
  if (best == numbers.end()) return kNone;
  const std::uint32_t number = *best;
  numbers.erase(best);
  if (numbers.empty()) waiting_.erase(found);
  return number;
}

void KeptMessages::add(std::uint32_t frame, std::uint32_t number, bool isReply) {
  if (frame == 0) frame = observing_;
  const MessagePart part{.frame = frame, .message = number & 0x7FFFFFFF, .isReply = isReply};
  if (parts_.empty() || parts_.back().frame <= frame) {
    parts_.push_back(part);
    return;
  }
  // What the end of a connection brings to light belongs to an older packet.
  parts_.insert(std::ranges::upper_bound(parts_, frame, {}, &MessagePart::frame), part);
}

}  // namespace vsdump
