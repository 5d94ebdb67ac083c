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
#include "dissector/payload/nitro.h"
#include "dissector/payload/registry.h"
#include "dissector/payload/stream.h"

namespace {

using namespace vsdump;
using namespace vsdump::payload;

/// Writes down what it hears, and looks at what holds for every message.
class Listener : public MessageConsumer {
 public:
  void asked(const Message& message) override { writeRequest(message); }
  void done(const Message& message) override {
    if (message.outcome == Outcome::Pending) std::abort();
    writeRequest(message);
    appendReplyText(heard_, message);
    // For this one a byte is something as a packet of its own alone.
    dependsOnPackets_ |= message.protocol == kNitroHeartbeat.name;
  }

  const std::string& heard() const { return heard_; }
  bool dependsOnPackets() const { return dependsOnPackets_; }

 private:
  void writeRequest(const Message& message) {
    if (!isMessageProtocol(message.protocol)) std::abort();
    const std::size_t before = heard_.size();
    appendRequestText(heard_, message);
    if (std::any_of(heard_.begin() + static_cast<std::ptrdiff_t>(before), heard_.end(),
                    [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
      std::abort();
    }
    heard_ += '\n';
  }

  std::string heard_;
  bool dependsOnPackets_ = false;
};

struct Heard {
  std::string messages{};
  bool dependsOnPackets = false;  ///< not only on the bytes
};

/// What is heard of a connection whose payload comes as the input says, or with each piece in two.
Heard hear(std::span<const std::uint8_t> input, const PayloadLimits& limits, bool inTwo) {
  constexpr std::uint8_t kFromMiddle = 0x80;
  constexpr std::uint8_t kAsDatagrams = 0x40;
  constexpr std::uint8_t kToClient = 1;
  constexpr std::uint8_t kIsLost = 2;
  constexpr std::uint8_t kIsCut = 4;
  constexpr std::uint8_t kEndsWay = 8;
  constexpr std::uint8_t kEndsMessage = 16;
  const std::uint8_t choice = input[0];
  const std::size_t forced = choice & 0x3F;
  const bool isForced = forced < protocols().size();
  const bool isFromStart = (choice & kFromMiddle) == 0;
  const bool isDatagrams = (choice & kAsDatagrams) != 0;
  Listener listener;
  Surroundings around{.consumer = listener, .limits = limits};
  StreamFacts facts{.isFromStart = isFromStart};
  if (isDatagrams) facts.type = VirtioType::Dgram;
  facts.client = {Cid{3}, Port{1000}};
  facts.server = {Cid{2}, Port{9000}};
  bool dependsOnPackets = isDatagrams || !(isFromStart || isForced);
  {
    Stream stream(facts, around, isForced ? protocols()[forced] : nullptr);
    std::array<std::uint64_t, 2> offsets{};
    std::uint64_t packets = 0;
    const auto take = [&](Direction d, std::span<const std::uint8_t> piece, std::size_t captured,
                          bool endsMessage) {
      // A copy of exactly this size, so that a read beyond it is seen.
      const auto bytes = std::as_bytes(piece.first(captured));
      const std::vector<std::byte> copy(bytes.begin(), bytes.end());
      stream.take(d, {.bytes = copy,
                      .offset = offsets[index(d)],
                      .lengthBytes = static_cast<std::uint32_t>(piece.size()),
                      .endsMessage = endsMessage,
                      .timeNs = static_cast<std::int64_t>(packets) * 1000,
                      .packet = FrameNumber{packets}});
      offsets[index(d)] += piece.size();
      if (around.buffered > around.limits.allBytes) std::abort();
    };
    for (auto rest = input.subspan(1); rest.size() >= 3;) {
      const std::uint8_t flags = rest[0];
      const std::size_t length = rest[1] | std::size_t{rest[2]} << 8;
      rest = rest.subspan(3);
      auto piece = rest.first(std::min(length, rest.size()));
      rest = rest.subspan(piece.size());
      const Direction d = (flags & kToClient) != 0 ? Direction::ToClient : Direction::ToServer;
      const bool endsMessage = (flags & kEndsMessage) != 0;
      ++packets;
      if ((flags & kIsLost) != 0) {
        offsets[index(d)] += piece.size();
      } else if ((flags & kIsCut) != 0) {
        take(d, piece, piece.size() / 2, endsMessage);
      } else {
        if (inTwo && piece.size() > 1) {
          const std::size_t first = 1 + packets * 7 % (piece.size() - 1);
          take(d, piece.first(first), first, false);
          piece = piece.subspan(first);
        }
        take(d, piece, piece.size(), endsMessage);
      }
      if ((flags & kEndsWay) != 0) stream.endWay(d, 1, FrameNumber{packets});
    }
    stream.end(choice % 2 == 0);
    if (!stream.isOver()) std::abort();
    dependsOnPackets |= stream.wasInterrupted();
  }
  if (around.buffered != 0) std::abort();
  return {.messages = listener.heard(),
          .dependsOnPackets = dependsOnPackets || listener.dependsOnPackets()};
}

}  // namespace

/// A connection of pieces: the first byte chooses how it begins and which protocol it is taken for,
/// if any. Each piece has a byte of flags, two of length, and its payload; flags choose the
/// direction, what of it is lost or cut off, and where its way ends.
///
/// Inputs of an odd size meet limits that they reach. The others are heard twice: how packets
/// divide the bytes makes no difference to the messages.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span input(data, size);
  if (size % 2 != 0) {
    hear(input, {.streamBytes = 512, .allBytes = 4096}, false);
    return 0;
  }
  const Heard whole = hear(input, {}, false);
  const Heard divided = hear(input, {}, true);
  const bool isComparable = !whole.dependsOnPackets && !divided.dependsOnPackets;
  if (isComparable && whole.messages != divided.messages) std::abort();
  return 0;
}
