// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/kata_log.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "dissector/payload/cursor.h"
#include "dissector/payload/json.h"
#include "dissector/payload/line_end.h"

namespace vsdump::payload {

namespace {
namespace kata_log {

constexpr auto kLevels =
    std::to_array<std::string_view>({"TRCE", "DEBG", "INFO", "WARN", "ERRO", "CRIT"});

struct Entry {
  std::string level;
  std::string message;
  std::string subsystem;
};

std::optional<Entry> entryOf(std::string_view line) {
  const auto json = JsonObject::parse(line);
  if (!json) return std::nullopt;
  Entry entry{.level = json->text("level").value_or(""),
              .message = json->text("msg").value_or(""),
              .subsystem = json->text("subsystem").value_or("")};
  const bool isEntry = json->has("msg") && std::ranges::find(kLevels, entry.level) != kLevels.end();
  return isEntry ? std::optional(std::move(entry)) : std::nullopt;
}

Verdict recognise(const Opening& opening) {
  if (!opening.toServer.empty() || opening.toClient.empty()) return Verdict::No;
  const std::string_view text = textOf(opening.toClient);
  constexpr std::string_view kBeginning = "{\"";
  if (!text.starts_with(kBeginning.substr(0, text.size()))) return Verdict::No;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return Verdict::NeedMore;
  return entryOf(text.substr(0, end)) ? Verdict::Yes : Verdict::No;
}

class KataLogDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (d == Direction::ToServer) return Taken::all();
    const std::string_view text = textOf(bytes);
    const std::optional<std::size_t> end = lineEnd_.find(text);
    if (!end) return LineEnd::without(context);
    if (const auto entry = entryOf(text.substr(0, *end))) {
      Message message = context.message("kata-log", d, entry->level);
      message.details.text("subsystem", entry->subsystem);
      message.details.text("text", entry->message);
      context.tell(std::move(message));
    }
    return Taken::some(*end + 1);
  }

  void lost(Direction, Context&) override { lineEnd_.forget(); }

  bool mayBegin(Direction, Bytes bytes) const override { return textOf(bytes).starts_with("{\""); }

 private:
  LineEnd lineEnd_;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<KataLogDecoder>();
}

}  // namespace kata_log
}  // namespace

const Protocol kKataLog{"kata-log", "the log of Kata Containers' agent", kata_log::recognise,
                        kata_log::make};

}  // namespace vsdump::payload
