// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/qemu_agent.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>

#include "dissector/payload/cursor.h"
#include "dissector/payload/json.h"
#include "dissector/payload/line_end.h"

namespace vsdump::payload {

namespace {
namespace qemu_agent {

constexpr std::size_t kMostCommands = 1024;

/// Clients send 0xFF, and the agent before the reply to guest-sync-delimited, to begin anew.
std::string_view withoutDelimiters(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(std::string_view("\xFF\r\n ")), text.size()));
  return text;
}

Verdict recognise(const Opening& opening) {
  const std::string_view text = withoutDelimiters(textOf(opening.toServer));
  if (opening.toServer.empty()) return Verdict::No;
  if (text.empty()) return opening.toServer.size() < 8 ? Verdict::NeedMore : Verdict::No;
  if (text.front() != '{') return Verdict::No;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return Verdict::NeedMore;
  return text.substr(0, end).find("\"execute\"") == std::string_view::npos ? Verdict::No
                                                                           : Verdict::Yes;
}

/// What the agent does not answer where it succeeds.
bool isWithoutReply(std::string_view command) {
  return command == "guest-shutdown" || command.starts_with("guest-suspend-");
}

class QemuAgentDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    const std::string_view text = textOf(bytes);
    const std::optional<std::size_t> end = lineEnds_[index(d)].find(text);
    if (!end) return LineEnd::without(context);
    const std::string_view line = withoutDelimiters(text.substr(0, *end));
    if (line.empty()) return Taken::some(*end + 1);
    const auto json = JsonObject::parse(line);
    if (json && d == Direction::ToServer) onCommand(*json, context);
    if (json && d == Direction::ToClient) onReply(*json, context);
    return Taken::some(*end + 1);
  }

  void lost(Direction d, Context& context) override {
    lineEnds_[index(d)].forget();
    // Replies have no numbers: which command they answer cannot be told any more.
    context.forget();
    commands_.clear();
  }

  bool mayBegin(Direction, Bytes bytes) const override {
    return withoutDelimiters(textOf(bytes)).starts_with('{');
  }

  void ended(Context& context) override {
    for (const Command& command : commands_) {
      if (isWithoutReply(command.name)) context.answer(command.key, Outcome::OneWay, {});
    }
  }

 private:
  struct Command {
    std::uint64_t key = 0;
    std::string name;
  };

  void onCommand(const JsonObject& json, Context& context) {
    const auto name = json.text("execute");
    if (!name) return;
    Message message = context.message("qemu-agent", Direction::ToServer, shortened(*name));
    // Arguments hold passwords and contents of files; these two do not.
    message.details.text("path", json.text("arguments", "path").value_or(""));
    message.details.text("mode", json.text("arguments", "mode").value_or(""));
    if (commands_.size() >= kMostCommands) commands_.pop_front();
    commands_.push_back({nextKey_, *name});
    context.ask(nextKey_++, std::move(message));
  }

  void onReply(const JsonObject& json, Context& context) {
    const bool isError = json.has("error");
    if (!isError && !json.has("return")) return;
    // One that succeeded stays silent, and the next reply is another's.
    while (!isError && !commands_.empty() && isWithoutReply(commands_.front().name)) {
      context.answer(commands_.front().key, Outcome::OneWay, {});
      commands_.pop_front();
    }
    if (commands_.empty()) return;
    std::string error;
    if (isError) {
      error = json.text("error", "class").value_or("error");
      if (const auto text = json.text("error", "desc")) error += ": " + *text;
    }
    const Outcome outcome = isError ? Outcome::Error : Outcome::Ok;
    context.answer(commands_.front().key, outcome, shortened(error));
    commands_.pop_front();
  }

  std::array<LineEnd, 2> lineEnds_;
  std::deque<Command> commands_;
  std::uint64_t nextKey_ = 0;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<QemuAgentDecoder>();
}

}  // namespace qemu_agent
}  // namespace

const Protocol kQemuAgent{"qemu-agent", "QEMU guest agent", qemu_agent::recognise,
                          qemu_agent::make};

}  // namespace vsdump::payload
