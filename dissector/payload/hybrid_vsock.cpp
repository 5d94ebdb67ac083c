// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/hybrid_vsock.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "dissector/payload/cursor.h"

namespace vsdump::payload {

namespace {
namespace hybrid_vsock {

constexpr std::string_view kAsk = "connect ";
constexpr std::string_view kAnswer = "ok ";
constexpr std::size_t kLongestLine = 32;

/// The number in a line of a word, in any case, and a number; nothing where it is none. `isOpen`:
/// more bytes could make it one.
std::optional<std::uint32_t> numberAfter(std::string_view word, std::string_view text,
                                         bool& isOpen) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  isOpen = false;
  const std::size_t common = std::min(word.size(), text.size());
  if (!std::ranges::equal(text.substr(0, common), word.substr(0, common), {}, lower)) return {};
  isOpen = text.size() < kLongestLine;
  if (text.size() <= word.size()) return {};
  std::uint32_t number = 0;
  const char* const begin = text.data() + word.size();
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || (rest != end && *rest != '\n')) isOpen = false;
  if (error != std::errc{} || rest == end || *rest != '\n') return {};
  return number;
}

Verdict recognise(const Opening& opening) {
  if (!opening.facts.isFromStart || opening.toServer.empty()) return Verdict::No;
  bool isOpen = false;
  if (numberAfter(kAsk, textOf(opening.toServer), isOpen)) return Verdict::Yes;
  return isOpen ? Verdict::NeedMore : Verdict::No;
}

class HybridVsockDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (bytes.empty()) return Taken::nothing();
    const bool isAsk = d == Direction::ToServer;
    if (isAsk && hasAsked_) return Taken::nothing();  // shown to what comes next
    bool isOpen = false;
    const auto number = numberAfter(isAsk ? kAsk : kAnswer, textOf(bytes), isOpen);
    if (!number) {
      if (isOpen && context.cut == Cut::No) return Taken::nothing();
      // Where nobody answers so, what is said is another protocol's already.
      return Taken::turn(0);
    }
    const std::size_t line = textOf(bytes).find('\n') + 1;
    if (isAsk) {
      hasAsked_ = true;
      Message message = context.message("hybrid-vsock", d, "CONNECT");
      message.details.number("port", *number);
      context.ask(kKey, std::move(message));
      return Taken::some(line);
    }
    if (Message* message = context.asked(kKey)) message->reply.number("host_port", *number);
    context.answer(kKey, Outcome::Ok, {});
    return Taken::turn(line);
  }

 private:
  static constexpr std::uint64_t kKey = 0;

  bool hasAsked_ = false;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<HybridVsockDecoder>();
}

}  // namespace hybrid_vsock
}  // namespace

const Protocol kHybridVsock{"hybrid-vsock",
                            "requests to Firecracker's UNIX socket",
                            hybrid_vsock::recognise,
                            hybrid_vsock::make,
                            {},
                            true};

}  // namespace vsdump::payload
