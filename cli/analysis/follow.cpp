// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>

#include "cli/analysis/analysis.h"
#include "cli/analysis/commands.h"
#include "cli/run/messages.h"
#include "cli/text/hex_dump.h"
#include "dissector/connection/finding_text.h"
#include "dissector/text/escape.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

class Follow final : public Analysis {
 public:
  Follow(const Options& options, ConnectionId wanted)
      : Analysis(options), wanted_(wanted), output_(standardOutput()) {
    mostRows_ = 0;
  }

  Result<int> print() {
    Result<void> read = run();
    if (!read) return tl::unexpected(std::move(read.error()));
    if (!failure_) failure_ = output_.flush();
    if (!*failure_) return tl::unexpected(failure_->error());
    if (!wasSeen_) return noSuchConnection(wanted_);
    if (missing_ != 0) say(counted(missing_, "byte") + " of the payload were not captured");
    return kExitDone;
  }

 private:
  void observed(const Frame& frame, const Packet& packet, const Observation& seen) override {
    if (seen.connection != wanted_ || failure_ || output_.closed()) return;
    wasSeen_ = true;
    isOver_ = isOver_ || (seen.endsConnection && isLive());
    if (seen.isDuplicate || packet.virtio.op != VirtioOp::Rw || !isMatch()) return;
    if (seen.direction == Direction::ToServer ? options_.onlyToClient : options_.onlyToServer) {
      return;
    }
    const Bytes payload = payloadOf(frame, packet, seen);
    missing_ += packet.payloadLengthBytes - payload.size();
    std::uint64_t& next = next_[index(seen.direction)];
    if (seen.streamOffset > next && takesAll()) missing_ += seen.streamOffset - next;
    next = seen.streamOffset + packet.payloadLengthBytes;
    put(frame, payload, seen.direction);
    if (Result<void> written = output_.flushIfLarge(); !written) failure_ = std::move(written);
  }

  bool isDone() const override { return failure_.has_value() || output_.closed() || isOver_; }

  Result<void> tick(std::int64_t) override { return output_.flush(); }

  void put(const Frame& frame, Bytes payload, Direction d) {
    LineBuffer& out = output_.buffer();
    const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
    if (options_.followForm == FollowForm::Raw) return out.put(text);
    const std::string_view mark = d == Direction::ToServer ? "> " : "< ";
    out.put(
        fmt::format("{}{}, packet {}\n", mark, counted(payload.size(), "byte"), raw(frame.number)));
    if (options_.followForm == FollowForm::Hex) {
      putHexAsciiDump(out, payload, "\n\t");
      out.put('\n');
      return;
    }
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      out.put(mark);
      out.put(escaped(text.substr(at, end - at)));
      out.put('\n');
      at = end + 1;
    }
  }

  ConnectionId wanted_;
  Output output_;
  std::optional<Result<void>> failure_;
  std::array<std::uint64_t, 2> next_{};
  std::uint64_t missing_ = 0;
  bool wasSeen_ = false;
  bool isOver_ = false;  // in a live capture: nothing more is to come
};

}  // namespace

Result<int> runFollow(const Options& options) {
  std::string_view word = options.arguments.front();
  if (word.starts_with('#')) word.remove_prefix(1);
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc{} || end != word.data() + word.size()) {
    return tl::unexpected(Error{.kind = ErrorKind::Usage,
                                .attempted = "follow",
                                .subject = options.arguments.front(),
                                .reason = "it is no connection's number",
                                .hint = "vsdump connections lists them."});
  }
  if (options.onlyToServer && options.onlyToClient) {
    return tl::unexpected(Error{.kind = ErrorKind::Usage,
                                .attempted = "follow",
                                .subject = options.arguments.front(),
                                .reason = "--to-server and --to-client leave nothing to print",
                                .hint = "Give one of them, or none for both ways."});
  }
  if (options.followForm == FollowForm::Messages && !options.filter.empty()) {
    return tl::unexpected(Error{.kind = ErrorKind::Usage,
                                .attempted = "follow",
                                .subject = options.arguments.front(),
                                .reason = "a message is not selected by a filter of packets",
                                .hint = "vsdump messages takes one, such as `connection 3`."});
  }
  if (options.followForm == FollowForm::Messages) return followMessages(options, ConnectionId{id});
  return Follow(options, ConnectionId{id}).print();
}

}  // namespace vsdump
