// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/payload/message_text.h"
#include "dissector/payload/registry.h"
#include "dissector/payload/stream.h"

namespace vsdump::payload::test {

/// What one side sends, and how many bytes of it the capture has.
struct Said {
  Direction direction = Direction::ToServer;
  std::string bytes{};
  std::size_t captured = std::string::npos;
  bool isLost = false;  ///< no packet of it was captured
};

inline Said toServer(std::string_view bytes) {
  return {Direction::ToServer, std::string(bytes)};
}
inline Said toClient(std::string_view bytes) {
  return {Direction::ToClient, std::string(bytes)};
}

/// Big-endian integers, for bytes that tests put together from the protocols' documents.
inline std::string big(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = size; i-- > 0;) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}
inline std::string little(std::uint64_t value, std::size_t size) {
  const std::string bytes = big(value, size);
  return {bytes.rbegin(), bytes.rend()};
}

/// A field of protobuf with a length: text, bytes or a message, of at most 127 bytes.
inline std::string field(unsigned number, const std::string& value) {
  return big(number << 3 | 2, 1) + big(value.size(), 1) + value;
}

/// One connection, and a line for each message on it. Each piece comes a millisecond after the one
/// before.
class Dialogue : public MessageConsumer {
 public:
  explicit Dialogue(StreamFacts facts = {}, std::string_view forced = {}, PayloadLimits limits = {},
                    bool showsSecrets = false)
      : around_{.consumer = *this, .limits = limits, .showsSecrets = showsSecrets},
        stream_(facts, around_, forced.empty() ? nullptr : findProtocol(forced)) {}

  void say(const Said& said, std::size_t pieceBytes = std::string::npos) {
    timeNs_ += 1'000'000;
    const bool isWhole = endsMessages || stream_.facts().type == VirtioType::Dgram;
    std::string_view rest = said.bytes;
    std::size_t captured = said.captured;
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, pieceBytes);
      rest.remove_prefix(piece.size());
      ++packet_;
      std::uint64_t& offset = offsets_[index(said.direction)];
      const std::string_view atHand = piece.substr(0, captured);
      if (captured != std::string::npos) captured -= atHand.size();
      if (!said.isLost) {
        stream_.take(said.direction,
                     {.bytes = std::as_bytes(std::span(atHand.data(), atHand.size())),
                      .offset = offset,
                      .lengthBytes = static_cast<std::uint32_t>(piece.size()),
                      .endsMessage = isWhole && rest.empty(),
                      .timeNs = timeNs_,
                      .packet = FrameNumber{packet_}});
      }
      offset += piece.size();
    }
  }
  void endWay(Direction d) { stream_.endWay(d, timeNs_ += 1'000'000, FrameNumber{++packet_}); }
  void end(bool isCut = false) { stream_.end(isCut); }

  void asked(const Message& message) override {
    std::string line = "? ";
    appendRequestText(line, message);
    askedLines.push_back(line);
  }
  void done(const Message& message) override {
    std::string line;
    appendRequestText(line, message);
    std::string reply;
    appendReplyText(reply, message);
    if (!reply.empty()) line += ": " + reply;
    if (message.isCut) line += " (cut)";
    lines.push_back(line);
    messages.push_back(message);
  }
  bool recognised(ConnectionId, std::string_view name) override {
    names.emplace_back(name);
    return wantsMessages;
  }

  bool isOver() const { return stream_.isOver(); }
  const PayloadTotals& totals() const { return around_.totals; }
  std::size_t buffered() const { return around_.buffered; }

  bool endsMessages = false;
  bool wantsMessages = true;
  std::vector<std::string> lines;
  std::vector<std::string> askedLines;
  std::vector<std::string> names;
  std::vector<Message> messages;

 private:
  std::int64_t timeNs_ = 1'700'000'000'000'000'000;
  std::uint64_t packet_ = 0;
  std::array<std::uint64_t, 2> offsets_{};
  Surroundings around_;
  Stream stream_;
};

/// The lines of a whole conversation, in pieces of at most `pieceBytes`.
inline std::vector<std::string> linesOf(const std::vector<Said>& script, StreamFacts facts = {},
                                        std::size_t pieceBytes = std::string::npos) {
  Dialogue dialogue(facts);
  for (const Said& said : script) dialogue.say(said, pieceBytes);
  dialogue.endWay(Direction::ToServer);
  dialogue.endWay(Direction::ToClient);
  dialogue.end();
  return dialogue.lines;
}

/// The same, after it was seen that no way to cut the conversation into packets changes them.
std::vector<std::string> linesHoweverSplit(const std::vector<Said>& script, StreamFacts facts = {});

}  // namespace vsdump::payload::test
