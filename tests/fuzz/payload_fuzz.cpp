// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "dissector/payload/message_text.h"
#include "dissector/payload/registry.h"
#include "dissector/payload/stream.h"

namespace {

using namespace vsdump;
using namespace vsdump::payload;

/// Formats what it hears, and looks at what holds for every message.
class Listener : public MessageConsumer {
 public:
  void asked(const Message& message) override { look(message); }
  void done(const Message& message) override {
    look(message);
    if (message.outcome == Outcome::Pending) std::abort();
    text_.clear();
    appendReplyText(text_, message);
  }

 private:
  void look(const Message& message) {
    if (!isMessageProtocol(message.protocol)) std::abort();
    text_.clear();
    appendRequestText(text_, message);
    if (std::ranges::any_of(text_, [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
      std::abort();
    }
  }

  std::string text_;
};

}  // namespace

/// A connection of pieces: the first byte chooses how it begins and which protocol it is taken for,
/// if any. Each piece has a byte of flags, two of length, and its payload; flags choose the
/// direction, what of it is lost or cut off, and where its way ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint8_t kFromMiddle = 0x80;
  constexpr std::uint8_t kAsDatagrams = 0x40;
  constexpr std::uint8_t kToClient = 1;
  constexpr std::uint8_t kIsLost = 2;
  constexpr std::uint8_t kIsCut = 4;
  constexpr std::uint8_t kEndsWay = 8;
  constexpr std::uint8_t kEndsMessage = 16;
  if (size == 0) return 0;
  const std::uint8_t choice = data[0];
  const std::size_t forced = choice & 0x3F;
  Listener listener;
  Surroundings around{.consumer = listener, .limits = {.streamBytes = 512, .allBytes = 4096}};
  StreamFacts facts{.isFromStart = (choice & kFromMiddle) == 0};
  if ((choice & kAsDatagrams) != 0) facts.type = VirtioType::Dgram;
  facts.client = {Cid{3}, Port{1000}};
  facts.server = {Cid{2}, Port{9000}};
  {
    Stream stream(facts, around, forced < protocols().size() ? protocols()[forced] : nullptr);
    std::array<std::uint64_t, 2> offsets{};
    std::uint64_t packets = 0;
    for (std::size_t at = 1; at + 3 <= size;) {
      const std::uint8_t flags = data[at];
      std::size_t length = static_cast<std::size_t>(data[at + 1]) | std::size_t{data[at + 2]} << 8;
      at += 3;
      length = std::min(length, size - at);
      // A copy of exactly this size, so that a read beyond it is seen.
      const std::vector<std::byte> bytes(reinterpret_cast<const std::byte*>(data) + at,
                                         reinterpret_cast<const std::byte*>(data) + at + length);
      at += length;
      const Direction d = (flags & kToClient) != 0 ? Direction::ToClient : Direction::ToServer;
      const std::size_t captured = (flags & kIsCut) != 0 ? length / 2 : length;
      ++packets;
      if ((flags & kIsLost) == 0) {
        stream.take(d, {.bytes = std::span(bytes).first(captured),
                        .offset = offsets[index(d)],
                        .lengthBytes = static_cast<std::uint32_t>(length),
                        .endsMessage = (flags & kEndsMessage) != 0,
                        .timeNs = static_cast<std::int64_t>(packets) * 1000,
                        .packet = FrameNumber{packets}});
      }
      offsets[index(d)] += length;
      if ((flags & kEndsWay) != 0) stream.endWay(d, 1, FrameNumber{packets});
      if (around.buffered > around.limits.allBytes) std::abort();
    }
    stream.end(choice % 2 == 0);
    if (!stream.isOver()) std::abort();
  }
  if (around.buffered != 0) std::abort();
  return 0;
}
