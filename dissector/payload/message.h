// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dissector/connection/connection.h"

namespace vsdump::payload {

/// What became of a message.
enum class Outcome : std::uint8_t {
  Pending,     ///< a request whose reply may still come
  Ok,          ///< replied to
  Error,       ///< replied to with an error, or it is one
  OneWay,      ///< nothing replies to it
  Unanswered,  ///< its connection or the capture ended before a reply came
  Unknown,     ///< the reply may be among bytes that were not captured
};

/// "ok", "error", "one-way", "unanswered", "unknown", "pending".
std::string_view outcomeWord(Outcome outcome);

/// One thing that a message says. Text is as it was on the wire: escape it where it is shown.
struct Detail {
  std::string_view key;  ///< of a literal
  std::variant<std::uint64_t, std::string> value;
};

/// The details of a message, in the order in which they are shown. Each key is there once.
class Details {
 public:
  /// Longer texts are cut to this length, and end in "...".
  static constexpr std::size_t kLongestText = 256;

  /// Takes the place of what the key had.
  void number(std::string_view key, std::uint64_t value);
  /// Nothing is added for an empty text; a second text of a key comes behind the first, after a
  /// comma.
  void text(std::string_view key, std::string_view value);

  /// What a key has; 0 and an empty text where there is none.
  std::uint64_t numberOf(std::string_view key) const;
  std::string_view textOf(std::string_view key) const;

  const std::vector<Detail>& all() const { return all_; }
  bool empty() const { return all_.empty(); }

 private:
  Detail* find(std::string_view key);

  std::vector<Detail> all_;
};

/// `text`, cut to what a detail holds.
std::string shortened(std::string_view text);

/// A message of a payload protocol, or a request with its reply.
struct Message {
  /// **Units** in nanoseconds; the times are those of the packets.
  std::int64_t timeNs = 0;
  std::int64_t replyTimeNs = Flow::kNever;
  FrameNumber packet{};       ///< the one that completed it
  FrameNumber replyPacket{};  ///< the one that completed its reply
  ConnectionId connection = kNoConnection;
  Address client{};  ///< of the connection: `direction` tells who sent the message
  Address server{};
  Direction direction = Direction::ToServer;
  Outcome outcome = Outcome::Pending;
  bool isLongPoll : 1 = false;  ///< its reply waits for an event: no latency to speak of
  bool isCut : 1 = false;       ///< not all of its bytes were at hand
  bool isChosen : 1 = false;    ///< of several connections, of which chooses() has chosen one
  std::string_view protocol;    ///< of a literal
  std::string call;             ///< what is asked or told: "CreateContainer", "GET"
  Details details;
  Details reply;      ///< what the reply says
  std::string error;  ///< what went wrong, in the protocol's words

  /// From the request to the end of its reply; none where there is no reply or time stepped back.
  std::optional<std::uint64_t> latencyNs() const;
};

/// Hears of messages as packets complete them.
class MessageConsumer {
 public:
  virtual ~MessageConsumer() = default;
  /// A request is complete; it comes again with done(). **Lifetime** for the call.
  virtual void asked(const Message&) {}
  /// A message, or a request to which no more will come. **Lifetime** for the call.
  virtual void done(const Message&) {}
  /// What a connection carries was recognised; called again where it turns into something else.
  /// Whether its messages are wanted, too. **Lifetime** the name lives forever.
  virtual bool recognised(ConnectionId, std::string_view) { return true; }
  /// Whether messages of a connection that the tracker has are to be told in the end.
  virtual bool chooses(ConnectionId) const { return true; }
};

}  // namespace vsdump::payload
