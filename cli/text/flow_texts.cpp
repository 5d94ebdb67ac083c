// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/flow_texts.h"

#include <array>

#include "cli/text/tcpdump_line.h"

namespace vsdump {

const FlowText* FlowTexts::make(const Packet& packet, const PacketContext& context) {
  if (++madeOnes_ > texts_.size() && texts_.size() < kMostPlaces) {
    texts_.assign(texts_.size() * 8, FlowText());
    madeOnes_ = 1;
  }
  FlowText& text = texts_[placeOf(context.seen)];
  text.id_ = kNoConnection;  // until it is whole
  std::array<char, kLongestTcpdumpLine> ends;
  const char* const end = writeTcpdumpEnds(ends.data(), packet);
  made_.clear();
  putConnection(made_, packet, context, style_);
  text.ends_.clear();
  text.connection_.clear();
  const VsockmonHeader& monitor = packet.monitor;
  text.srcCid_ = static_cast<std::uint32_t>(raw(monitor.src.cid));
  text.dstCid_ = static_cast<std::uint32_t>(raw(monitor.dst.cid));
  const bool isWhole =
      text.srcCid_ == raw(monitor.src.cid) && text.dstCid_ == raw(monitor.dst.cid) &&
      text.ends_.append({ends.data(), end}) && text.connection_.append(made_.text());
  if (!isWhole) return nullptr;
  text.id_ = context.seen.connection;
  text.direction_ = context.seen.direction;
  text.srcPort_ = monitor.src.port;
  text.dstPort_ = monitor.dst.port;
  text.service_ = context.service.name.data();
  text.serviceLength_ = static_cast<std::uint32_t>(context.service.name.size());
  text.serviceIsGuess_ = context.service.isGuess;
  return &text;
}

}  // namespace vsdump
