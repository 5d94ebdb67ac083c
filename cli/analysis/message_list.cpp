// SPDX-License-Identifier: GPL-2.0-or-later
#include <optional>

#include "cli/analysis/commands.h"
#include "cli/analysis/message_analysis.h"
#include "cli/analysis/message_line.h"
#include "cli/run/messages.h"
#include "cli/text/timestamp.h"

namespace vsdump {

namespace {

/// Prints each message once no more comes to it, of all connections or of one.
class MessageList final : public MessageAnalysis {
 public:
  explicit MessageList(const Options& options, std::optional<ConnectionId> only = {})
      : MessageAnalysis(options),
        only_(only),
        output_(standardOutput()),
        times_(options.timestamps, options.nanoseconds) {}

  Result<int> print() {
    Result<void> read = run();
    if (!read) return tl::unexpected(std::move(read.error()));
    if (!failure_) failure_ = output_.flush();
    if (!*failure_) return tl::unexpected(failure_->error());
    sayLimits();
    if (only_ && !wasSeen_) return noSuchConnection(*only_);
    return kExitDone;
  }

 private:
  void observed(const Frame& frame, const Packet& packet, const Observation& seen) override {
    MessageAnalysis::observed(frame, packet, seen);
    if (seen.connection != only_) return;
    wasSeen_ = true;
    isOver_ = isOver_ || (seen.endsConnection && isLive());
  }
  Result<void> tick(std::int64_t) override { return output_.flush(); }
  bool isDone() const override { return failure_ || output_.closed() || isOver_; }

  void completed(const payload::Message& message) override {
    if (failure_ || output_.closed() || !isWanted(message)) return;
    LineBuffer& out = output_.buffer();
    if (options_.json) {
      putMessageJson(out, message);
    } else {
      times_.write(out, message.timeNs);
      putMessageLine(out, message, {.numericNames = options_.numericNames});
    }
    if (Result<void> written = output_.flushIfLarge(); !written) failure_ = std::move(written);
  }

  bool isWanted(const payload::Message& message) const {
    if (only_ && message.connection != *only_) return false;
    const bool isToServer = message.direction == Direction::ToServer;
    if (isToServer ? options_.onlyToClient : options_.onlyToServer) return false;
    if (options_.protocol && message.protocol != *options_.protocol) return false;
    if (!options_.slowerThanNs) return true;
    const auto latency = message.latencyNs();
    return latency && *latency >= *options_.slowerThanNs && !message.isLongPoll;
  }

  std::optional<ConnectionId> only_;
  Output output_;
  TimestampWriter times_;
  std::optional<Result<void>> failure_;
  bool wasSeen_ = false;  // the one connection
  bool isOver_ = false;   // in a live capture: nothing more of it is to come
};

}  // namespace

Result<int> runMessages(const Options& options) {
  return MessageList(options).print();
}

Result<int> followMessages(const Options& options, ConnectionId id) {
  return MessageList(options, id).print();
}

}  // namespace vsdump
