// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/message.h"

#include <algorithm>
#include <array>

namespace vsdump::payload {

std::string_view outcomeWord(Outcome outcome) {
  constexpr std::array<std::string_view, 6> kWords{"pending", "ok",         "error",
                                                   "one-way", "unanswered", "unknown"};
  return kWords[static_cast<std::size_t>(outcome)];
}

std::uint64_t Details::numberOf(std::string_view key) const {
  const auto found = std::ranges::find(all_, key, &Detail::key);
  const auto* number = found == all_.end() ? nullptr : std::get_if<std::uint64_t>(&found->value);
  return number == nullptr ? 0 : *number;
}

std::string_view Details::textOf(std::string_view key) const {
  const auto found = std::ranges::find(all_, key, &Detail::key);
  const auto* text = found == all_.end() ? nullptr : std::get_if<std::string>(&found->value);
  return text == nullptr ? std::string_view{} : *text;
}

std::string shortened(std::string_view text) {
  if (text.size() <= Details::kLongestText) return std::string(text);
  return std::string(text.substr(0, Details::kLongestText)) + "...";
}

Detail* Details::find(std::string_view key) {
  const auto found = std::ranges::find(all_, key, &Detail::key);
  return found == all_.end() ? nullptr : &*found;
}

void Details::number(std::string_view key, std::uint64_t value) {
  if (Detail* known = find(key)) {
    known->value = value;
  } else {
    all_.push_back({key, value});
  }
}

void Details::text(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  Detail* known = find(key);
  if (known == nullptr) {
    all_.push_back({key, shortened(value)});
  } else if (auto* before = std::get_if<std::string>(&known->value);
             before != nullptr && before->size() <= kLongestText) {
    *before = shortened(*before + ',' + std::string(value));
  }
}

std::optional<std::uint64_t> Message::latencyNs() const {
  if (replyTimeNs == Flow::kNever || replyTimeNs < timeNs) return std::nullopt;
  return static_cast<std::uint64_t>(replyTimeNs) - static_cast<std::uint64_t>(timeNs);
}

}  // namespace vsdump::payload
