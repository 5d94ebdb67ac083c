// SPDX-License-Identifier: GPL-2.0-or-later
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/analysis/analysis.h"
#include "cli/analysis/commands.h"
#include "cli/analysis/message_line.h"
#include "cli/run/messages.h"
#include "cli/text/timestamp.h"
#include "dissector/payload/reader.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

/// Prints each message once no more comes to it.
class MessageList final : public Analysis, private payload::MessageConsumer {
 public:
  explicit MessageList(const Options& options)
      : Analysis(options),
        reader_(*this, options.decodeAs),
        output_(standardOutput()),
        times_(options.timestamps, options.nanoseconds) {}

  Result<int> print() {
    Result<int> exitCode = run();
    if (!exitCode) return exitCode;
    if (!failure_) failure_ = output_.flush();
    if (!*failure_) return tl::unexpected(failure_->error());
    const payload::PayloadTotals& totals = reader_.totals();
    if (totals.cutMessages != 0) {
      say(counted(totals.cutMessages, "message") +
          " longer than the 1 MiB that is kept of one: the first part was decoded");
    }
    if (totals.droppedStreams != 0) {
      say(counted(totals.droppedStreams, "connection") +
          " not decoded any further: the messages that were begun at once took too much memory");
    }
    return exitCode;
  }

 private:
  void observed(const Frame& frame, const Packet& packet, const Observation& seen) override {
    reader_.take(frame, packet, seen, tracker_.current());
    if (!held_.empty() && isSelected(seen.connection)) release(seen.connection);
  }
  void ended(const Connection& connection) override {
    reader_.ended(connection.id);
    held_.erase(connection.id);
    Analysis::ended(connection);
  }
  Result<void> tick(std::int64_t) override { return output_.flush(); }
  bool isDone() const override { return failure_.has_value() || output_.closed(); }

  void done(const payload::Message& message) override {
    if (!isWanted(message)) return;
    if (isSelected(message.connection)) return put(message);
    held_[message.connection].push_back(message);
  }

  /// The filter has selected a packet of this connection: its messages are printed from here on.
  void release(ConnectionId id) {
    const auto found = held_.find(id);
    if (found == held_.end()) return;
    for (const payload::Message& message : found->second) put(message);
    held_.erase(found);
  }

  void put(const payload::Message& message) {
    if (isDone()) return;
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
    if (options_.protocol && message.protocol != *options_.protocol) return false;
    if (!options_.slowerThanNs) return true;
    const auto latency = message.latencyNs();
    return latency && *latency >= *options_.slowerThanNs && !message.isLongPoll;
  }

  payload::MessageReader reader_;
  Output output_;
  TimestampWriter times_;
  std::optional<Result<void>> failure_;
  /// Of connections that the filter has selected no packet of, so far.
  std::map<ConnectionId, std::vector<payload::Message>> held_;
};

}  // namespace

Result<int> runMessages(const Options& options) {
  return MessageList(options).print();
}

}  // namespace vsdump
