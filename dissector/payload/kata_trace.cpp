// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/kata_trace.h"

#include <string>

#include "dissector/payload/cursor.h"
#include "dissector/payload/json.h"

namespace vsdump::payload {

namespace {
namespace kata_trace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestSpan = std::uint64_t{16} << 20;

Verdict recognise(const Opening& opening) {
  const Bytes bytes = opening.toServer;
  if (bytes.empty() || bytes[0] != std::byte{0}) return Verdict::No;
  if (bytes.size() < kLengthBytes + 2) return Verdict::NeedMore;
  Cursor cursor(bytes);
  const std::uint64_t length = cursor.u64();
  return length > 2 && length <= kLongestSpan && cursor.text(2) == "{\"" ? Verdict::Yes
                                                                         : Verdict::No;
}

class KataTraceDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (d == Direction::ToClient) return Taken::all();
    if (context.cut == Cut::End) return Taken::nothing();
    if (bytes.size() < kLengthBytes) return Taken::nothing(kLengthBytes);
    Cursor cursor(bytes);
    const std::uint64_t length = cursor.u64();
    if (length > kLongestSpan) return Taken::resync();
    const std::size_t whole = kLengthBytes + length;
    if (bytes.size() < whole && context.cut == Cut::No) return Taken::nothing(whole);
    const Bytes body = upTo(cursor.rest(), length);
    Message message = context.message("kata-trace", d, "span");
    if (const auto json = JsonObject::parse(textOf(body))) {
      message.details.text("name", json->text("name").value_or(""));
    }
    context.tell(std::move(message));
    return Taken::some(kLengthBytes + body.size(), length - body.size());
  }

  bool mayBegin(Direction, Bytes bytes) const override {
    Cursor cursor(bytes);
    return cursor.u64() <= kLongestSpan && cursor.text(2) == "{\"" && cursor.isOk();
  }
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<KataTraceDecoder>();
}

}  // namespace kata_trace
}  // namespace

const Protocol kKataTrace{"kata-trace", "spans for Kata Containers' trace forwarder",
                          kata_trace::recognise, kata_trace::make};

}  // namespace vsdump::payload
