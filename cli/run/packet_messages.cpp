// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_messages.h"

#include <utility>

#include "dissector/payload/message_text.h"
#include "dissector/text/escape.h"
#include "dissector/text/quantity.h"

namespace vsdump {

std::string PacketMessages::takeText() {
  if (count_ > kMostShown) text_ += "; " + std::to_string(count_ - kMostShown) + " more";
  count_ = 0;
  last_.clear();
  return std::exchange(text_, {});
}

void PacketMessages::asked(const payload::Message& message) {
  one_.clear();
  payload::appendRequestText(one_, message);
  add();
}

void PacketMessages::done(const payload::Message& message) {
  one_.clear();
  if (message.outcome == payload::Outcome::OneWay) {
    payload::appendRequestText(one_, message);
  } else {
    // What was asked stands in the line of the request.
    one_ += message.protocol;
    one_ += ' ';
    appendEscaped(one_, message.call);
    one_ += ' ';
    payload::appendReplyText(one_, message);
    if (const auto latency = message.latencyNs()) one_ += ", " + durationText(*latency);
  }
  add();
}

void PacketMessages::add() {
  // What the end of another connection leaves unanswered has no line; a request to which nothing
  // replies is asked and done at once.
  if (!isTaking_ || one_ == last_) return;
  if (++count_ > kMostShown) return;
  if (!text_.empty()) text_ += "; ";
  text_ += one_;
  last_ = one_;
}

}  // namespace vsdump
