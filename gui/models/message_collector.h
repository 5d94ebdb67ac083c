// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/payload/reader.h"
#include "gui/models/trace.h"

namespace vsdump::gui {

/// What the window shows of a message of a payload protocol, or of a request with its reply.
struct MessageRow {
  explicit MessageRow(const payload::Message& message);

  std::int64_t timeNs;
  std::optional<std::uint64_t> latencyNs;
  FrameNumber packet;       ///< the one that completed it
  FrameNumber replyPacket;  ///< the one that completed its reply; FrameNumber{} for none
  ConnectionId connection;
  Direction direction;
  payload::Outcome outcome;
  bool isLongPoll;  ///< its latency is the time until something happened
  bool isCut;       ///< not all of it was captured
  std::string_view protocol;
  std::string request;  ///< the call and what it says, escaped
  std::string reply;    ///< what became of it, escaped; empty for a message without a reply
};

/// A packet that completes a message, or the reply to one.
struct Completion {
  FrameNumber packet;
  std::uint32_t message;
  bool isReply;

  friend bool operator==(const Completion&, const Completion&) = default;
};

/// The messages that are complete, in that order. Copies are cheap.
struct Messages {
  SharedVector<MessageRow> rows;
  std::shared_ptr<const std::vector<Completion>> completions;  ///< by packet; none for no messages
};

/// Decodes the payload of a trace's connections, as far as it has been read.
///
/// **Threads** one at a time.
class MessageCollector : private payload::MessageConsumer {
 public:
  /// How many messages are kept; those behind are counted.
  static constexpr std::size_t kMost = 1'000'000;

  MessageCollector() : reader_(*this) {}

  /// Takes the packets that the trace has got since; goes on there next time when it was stopped.
  void take(const Trace& trace, const std::stop_token& stop);
  /// No packets follow: requests that wait get no reply.
  void finish();

  /// How many packets were taken.
  std::size_t taken() const { return taken_; }
  bool isFinished() const { return isFinished_; }
  /// All that are kept.
  const Messages& messages() const { return messages_; }
  /// How many messages there are beyond those that are kept.
  std::uint64_t beyond() const { return all_ > kMost ? all_ - kMost : 0; }

 private:
  /// What the reader asks of a connection and its summary does not say.
  struct Beginning {
    FrameNumber packet{};
    std::uint32_t clientBuffer = 0;
  };

  void done(const payload::Message& message) override;
  void addNew();
  Connection connectionOf(const ConnectionSummary& summary, const Beginning& beginning) const;

  payload::MessageReader reader_;
  std::vector<Beginning> beginnings_;  ///< by ConnectionId
  std::deque<ConnectionId> over_;      ///< for which a late packet may still come
  Messages messages_;
  std::vector<MessageRow> new_;  ///< not in messages_ yet
  std::size_t taken_ = 0;
  std::uint64_t all_ = 0;
  bool isFinished_ = false;
};

}  // namespace vsdump::gui
