// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/journal.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "dissector/payload/cursor.h"
#include "dissector/payload/line_end.h"

namespace vsdump::payload {

namespace {
namespace journal {

/// What an entry begins with.
constexpr auto kFirstFields = std::to_array<std::string_view>(
    {"__CURSOR=", "__REALTIME_TIMESTAMP=", "__MONOTONIC_TIMESTAMP="});

struct Shown {
  std::string_view field;
  std::string_view key;
};
constexpr auto kShown = std::to_array<Shown>({{"_SYSTEMD_UNIT", "unit"},
                                              {"SYSLOG_IDENTIFIER", "identifier"},
                                              {"PRIORITY", "priority"},
                                              {"MESSAGE", "text"}});

bool beginsEntry(std::string_view text) {
  return std::ranges::any_of(kFirstFields, [&](auto field) { return text.starts_with(field); });
}

Verdict recognise(const Opening& opening) {
  const std::string_view text = textOf(opening.toServer);
  if (text.empty()) return Verdict::No;
  if (beginsEntry(text)) return Verdict::Yes;
  return std::ranges::any_of(kFirstFields, [&](auto field) { return field.starts_with(text); })
             ? Verdict::NeedMore
             : Verdict::No;
}

/// An entry is lines of KEY=VALUE up to an empty one. A value with what is no text stands behind
/// its KEY, a line feed and its length, 8 bytes, little-endian, and before another line feed.
class JournalDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    constexpr std::size_t kLengthBytes = 8;
    if (d == Direction::ToClient) return Taken::all();
    if (context.cut == Cut::End && bytes.empty()) {
      // The last entry may lack its empty line.
      if (!details_.empty()) tell(context);
      return Taken::nothing();
    }
    const std::string_view text = textOf(bytes);
    const std::optional<std::size_t> found = lineEnd_.find(text);
    if (!found) return LineEnd::without(context);
    const std::size_t end = *found;
    if (end == 0) {
      if (!details_.empty()) tell(context);
      return Taken::some(1);
    }
    const std::string_view line = text.substr(0, end);
    if (const std::size_t equals = line.find('='); equals != std::string_view::npos) {
      put(line.substr(0, equals), line.substr(equals + 1));
      return Taken::some(end + 1);
    }
    Cursor cursor(bytes.subspan(end + 1));
    const std::uint64_t length = cursor.u64le();
    if (!cursor.isOk()) {
      return context.cut == Cut::No ? Taken::nothing(end + 1 + kLengthBytes) : Taken::resync();
    }
    if (length > Taken::kAll / 2) return Taken::resync();
    const std::size_t wanted = std::min<std::uint64_t>(length, Details::kLongestText + 1);
    if (cursor.rest().size() < wanted && context.cut == Cut::No) {
      return Taken::nothing(end + 1 + kLengthBytes + wanted);
    }
    const Bytes value = upTo(cursor.rest(), wanted);
    put(line, textOf(value));
    return Taken::some(end + 1 + kLengthBytes + value.size(), length + 1 - value.size());
  }

  void lost(Direction, Context&) override {
    lineEnd_.forget();
    details_ = {};
  }

  bool mayBegin(Direction, Bytes bytes) const override { return beginsEntry(textOf(bytes)); }

 private:
  void put(std::string_view field, std::string_view value) {
    const auto shown = std::ranges::find(kShown, field, &Shown::field);
    if (shown != kShown.end()) details_.text(shown->key, value);
  }

  void tell(Context& context) {
    Message message = context.message("journal", Direction::ToServer, "entry");
    message.details = std::exchange(details_, {});
    context.tell(std::move(message));
  }

  Details details_;
  LineEnd lineEnd_;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<JournalDecoder>();
}

}  // namespace journal
}  // namespace

const Protocol kJournal{"journal", "systemd's journal, forwarded", journal::recognise,
                        journal::make};

}  // namespace vsdump::payload
