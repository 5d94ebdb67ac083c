// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the reader that tells blocks from other bytes, where something is damaged.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "capture/file/likeness.h"
#include "capture/file/pcapng_reader.h"

namespace vsdump {

using pcapng::BlockType;
using pcapng::kBlockHeaderSize;
using pcapng::kBlockTrailerSize;
using pcapng::kPacketFieldsSize;
using pcapng::padded;

namespace {

/// Longer blocks exist, but a search must not hold many megabytes for each that might be one.
constexpr std::uint32_t kLongestRecognised = 2 * kMaxCapturedLength;

/// Whether a block is a packet with a time.
bool isPacket(BlockType type) {
  return type == BlockType::EnhancedPacket || type == BlockType::Packet;
}

bool isAnyPacket(BlockType type) {
  return isPacket(type) || type == BlockType::SimplePacket;
}

/// Whether the times are in order, as far as they are known, and close together.
bool areInOrder(std::optional<std::int64_t> before, std::int64_t time,
                std::optional<std::int64_t> after) {
  constexpr std::uint64_t kSoonNs = 10'000'000'000;
  const auto isSoon = [](std::int64_t one, std::int64_t other) {
    return one <= other &&
           static_cast<std::uint64_t>(other) - static_cast<std::uint64_t>(one) <= kSoonNs;
  };
  if (before && after) return *before <= time && time <= *after;
  return before ? isSoon(*before, time) : after && isSoon(time, *after);
}

bool isSameDay(std::int64_t one, std::int64_t other) {
  constexpr std::uint64_t kDayNs = std::uint64_t{24} * 3600 * 1'000'000'000;
  const auto [first, last] = std::minmax(one, other);
  return static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) <= kDayNs;
}

}  // namespace

bool PcapngReader::isKnown(BlockType type) {
  static constexpr BlockType kTypes[] = {
      BlockType::EnhancedPacket,      BlockType::InterfaceDescription, BlockType::SectionHeader,
      BlockType::InterfaceStatistics, BlockType::SimplePacket,         BlockType::Packet,
  };
  return std::ranges::find(kTypes, type) != std::end(kTypes);
}

/// Whether a packet's options reach beyond its block, as they do in a block that is one by chance.
bool PcapngReader::hasPacketWithWildOptions(BlockType type, Body body) const {
  if (!isPacket(type) || body.size() < kPacketFieldsSize) return false;
  const std::size_t end = kPacketFieldsSize + padded(order_.u32(body.data() + 12));
  if (end >= body.size()) return false;
  pcapng::Options options(body.subspan(end), order_);
  while (options.next()) {
  }
  return options.overrun();
}

/// Whether what a packet's block has behind its `captured` bytes are no options but the rest of its
/// headers, with which it fills the block. (Of up to three bytes it cannot be told: what fills a
/// cut packet up looks the same.)
bool PcapngReader::hasHeadersBeyond(Body rest, std::uint32_t captured, std::uint32_t onWire) {
  if (padded(captured) >= padded(onWire) || padded(onWire) != rest.size()) return false;
  const Likeness whole = vsockLikeness(rest);
  return whole.isBothHeaders() && whole.expectedLength == onWire &&
         !vsockLikeness(rest.first(captured)).isBothHeaders();
}

/// By the headers of vsock or, where there are none, by fields that all fit: to the block's length,
/// and to the time of the packet before, or else of the next one.
PcapngReader::Verdict PcapngReader::recogniseByBody(BlockType type, Body bytes, std::size_t length,
                                                    Ahead ahead, std::size_t& wanted) const {
  constexpr std::size_t kPacketOffset = kBlockHeaderSize + kPacketFieldsSize;
  const Body body = bodyOf(bytes, length);
  if (isPacket(type) || body.size() < kPacketFieldsSize) return Verdict::NoBlock;
  const auto time = timeOfPacket(bytes);
  if (!time) return Verdict::NoBlock;
  if (order_.u32(body.data() + 12) >= kSmallestRecognised &&
      isUsualBody(BlockType::EnhancedPacket, body)) {
    return Verdict::Block;
  }
  if (!hasPacketOfItsLength(type, body)) return Verdict::NoBlock;
  auto other = lastTimeNs_;
  const Body next = bytes.subspan(length);
  if (!other && next.size() < kPacketOffset && ahead != Ahead::Nothing) {
    wanted = length + kPacketOffset;
    return Verdict::NeedMore;
  }
  if (!other && next.size() >= kPacketOffset && isPacket(BlockType{order_.u32(next.data())})) {
    other = timeOfPacket(next);
  }
  return other && isSameDay(*time, *other) ? Verdict::Block : Verdict::NoBlock;
}

/// Whether a packet of vsock would fill the body of a block of that type as an enhanced packet
/// block's, and nothing speaks for the type.
bool PcapngReader::hasPacketOfItsLength(BlockType type, Body body) const {
  constexpr std::uint32_t kLocalUse = 0x8000'0000;  // and up: anybody may keep packets in these
  const bool isOther = type == BlockType::SectionHeader ||
                       type == BlockType::InterfaceDescription ||
                       type == BlockType::InterfaceStatistics || fmt::underlying(type) >= kLocalUse;
  if (isOther) return false;
  constexpr std::size_t kSimpleFieldsSize = 4;
  const bool isSimple = type == BlockType::SimplePacket &&
                        kSimpleFieldsSize + padded(order_.u32(body.data())) == body.size();
  const std::uint32_t captured = order_.u32(body.data() + 12);
  const std::size_t end = kPacketFieldsSize + padded(captured);
  if (isSimple || captured > order_.u32(body.data() + 16) || end > body.size()) return false;
  pcapng::Options options(body.subspan(end), order_);
  while (options.next()) {
  }
  return !options.overrun() && options.rest().empty();
}

/// What speaks against an odd block whose two lengths agree, as they may by chance among bytes that
/// have shifted: `problem` where no other block begins behind its `length` bytes, or one that the
/// end of the input cuts short, while another begins inside of it.
RecordReader::Stop PcapngReader::doubt(Body bytes, std::size_t length, Ahead ahead,
                                       std::string problem) const {
  const Framing next = frameNext(bytes.subspan(length));
  if (next.wanted > 0 && ahead != Ahead::Nothing) return {.wanted = length + next.wanted};
  if (next.problem) return {.problem = std::move(problem)};
  if (next.wanted == 0 || bytes.size() == length) return {};
  const Search inside = searchFront(length - 1, bytes.subspan(1), ahead);
  if (!inside.found) return {};
  return {.problem = std::move(problem)};
}

/// What speaks against a packet: that no block begins behind it, and one inside of it that reaches
/// beyond it. Bytes are missing in it then, and its lengths agree by chance, as they do where those
/// of the next block are where the end of this one should be. In one that is unusual too, any block
/// that begins inside of it says so. (What a sound packet carries lies wholly inside of it.)
RecordReader::Stop PcapngReader::doubtPacket(Body bytes, std::size_t length, Ahead ahead) const {
  const auto type = static_cast<BlockType>(order_.u32(bytes.data()));
  if (!isAnyPacket(type)) return {};
  const Framing next = frameNext(bytes.subspan(length));
  if (next.wanted == 0 && !next.problem) return {};
  const bool isUsual = !isPacket(type) || isUsualBody(type, bodyOf(bytes, length));
  if (next.wanted > 0) {
    // A usual one is handed out at once where nothing more may come for long.
    const bool isAwaited = ahead == Ahead::Unknown || (ahead == Ahead::Later && !isUsual);
    if (isAwaited) return {.wanted = length + next.wanted};
    if (ahead == Ahead::Later || bytes.size() == length) return {};
  }
  if (next.problem && !isUsual) {
    const Search inside = searchFront(length - 1, bytes.subspan(1), ahead);
    if (inside.found) {
      return {.problem = "a packet has no header of vsock, and another begins inside of it"};
    }
    // All that a block needs which begins inside: the search would be done again for each.
    if (1 + inside.passed < length) return {.wanted = length + kLongestRecognised};
  }
  return findOverlap(bytes, length, ahead);
}

/// A problem where another packet's block of the same type begins inside of the one at the front of
/// `bytes` and reaches beyond its `length`: all up to it, and to what leads to it, is damaged.
/// Wants all the bytes that are needed to tell at once.
RecordReader::Stop PcapngReader::findOverlap(Body bytes, std::size_t length, Ahead ahead) const {
  const std::uint32_t type = order_.u32(bytes.data());
  Stop stop;
  for (std::size_t at = kBlockHeaderSize; at < length && !stop.problem; ++at) {
    const Body inner = bytes.subspan(at);
    if (inner.size() < kBlockHeaderSize || order_.u32(inner.data()) != type) continue;
    const Framing block = frameBlock(inner);
    if (block.problem || block.length > kLongestRecognised || at + block.length <= length) continue;
    if (block.wanted > 0) {
      if (ahead != Ahead::Nothing) stop.wanted = std::max(stop.wanted, at + block.wanted);
      continue;
    }
    // The end of the damaged one, if it is there, tells even a packet with odd headers.
    const bool isBehindAnEnd = order_.u32(inner.data() - kBlockTrailerSize) == length;
    if (!isBehindAnEnd && !isUsualBody(BlockType{type}, bodyOf(inner, block.length))) continue;
    stop.problem = "no block follows a packet, and another begins inside of it";
    stop.damaged = firstOfBlocksUpTo(bytes, at);
  }
  // What needs more comes before what has been found.
  if (stop.wanted > 0) return {.wanted = stop.wanted};
  return stop;
}

/// Where the blocks begin that lead to the one at `end`, each up to the next; `end` where none do.
/// (Behind those that a packet carries comes the end of its own block.)
std::size_t PcapngReader::firstOfBlocksUpTo(Body bytes, std::size_t end) const {
  while (end > kBlockHeaderSize + kBlockTrailerSize) {
    const std::size_t length = order_.u32(bytes.data() + end - kBlockTrailerSize);
    if (length < kBlockHeaderSize + kBlockTrailerSize || length > end - kBlockHeaderSize) break;
    const Body block = bytes.subspan(end - length, length);
    if (!isKnown(BlockType{order_.u32(block.data())}) || soundLength(block) != length) break;
    end -= length;
  }
  return end;
}

/// A problem where the section header at the front of `bytes`, soon behind damage, is what a packet
/// carried whose own header is lost.
RecordReader::Stop PcapngReader::doubtSection(Body bytes, Ahead ahead) {
  const std::uint64_t offset = input_.offset();
  const bool isSoon = resumedAt_ && offset - *resumedAt_ < kMaxCapturedLength;
  if (!isSoon || !lastTimeNs_) return {};
  if (bytes.size() < kLongestRecognised && ahead == Ahead::Unknown) {
    return {.wanted = kLongestRecognised};
  }
  // For all headers before that packet at once: the search would be done again for each.
  if (goesOnAt_ <= offset) goesOnAt_ = offset + findPacketBehindSection(bytes);
  const std::size_t end = goesOnAt_ - offset;
  if (end == 0 || end >= bytes.size()) return {};
  const auto time = timeOfWholePacket(bytes.subspan(end));
  // Where the header is real after all, and more is damaged, its packets are these, too.
  std::size_t first = kBlockHeaderSize;
  for (; first < end; ++first) {
    const auto inner = timeOfWholePacket(bytes.subspan(first));
    if (inner && areInOrder(lastTimeNs_, *inner, time)) break;
  }
  return {.problem = "a section begins in what is left of a packet, and the one before goes on",
          .damaged = first};
}

/// Where a packet of the section that is being read follows one that begins at the front of `bytes`
/// and whose blocks end within what a packet can carry; 0 where none does.
std::size_t PcapngReader::findPacketBehindSection(Body bytes) const {
  const Body near = bytes.first(std::min<std::size_t>(bytes.size(), kLongestRecognised));
  std::size_t at = 0;
  bool isDescribed = false;
  for (Framing block = frameBlock(near); block.wanted == 0 && !block.problem;
       block = frameBlock(near.subspan(at), block.order)) {
    const BlockType type{block.order.u32(near.data() + at)};
    isDescribed = isDescribed || type == BlockType::InterfaceDescription;
    if (isAnyPacket(type) && !isDescribed) break;  // of the section before, if of any
    at += block.length;
    if (at > kMaxCapturedLength) return 0;
  }
  for (; at < near.size(); ++at) {
    const auto time = timeOfWholePacket(near.subspan(at));
    if (time && isSameDay(*lastTimeNs_, *time)) return at;
  }
  return 0;
}

/// When the packet at the front of `bytes` was captured, where it is an enhanced packet block of
/// this section, whole and like a packet of vsock.
std::optional<std::int64_t> PcapngReader::timeOfWholePacket(Body bytes) const {
  constexpr std::size_t kPacketOffset = kBlockHeaderSize + kPacketFieldsSize;
  const std::size_t length = soundLength(bytes);
  if (length < kPacketOffset + kSmallestRecognised + kBlockTrailerSize) return std::nullopt;
  if (BlockType{order_.u32(bytes.data())} != BlockType::EnhancedPacket) return std::nullopt;
  if (order_.u32(bytes.data() + 20) < kSmallestRecognised) return std::nullopt;
  if (!isUsualBody(BlockType::EnhancedPacket, bodyOf(bytes, length))) return std::nullopt;
  return timeOfPacket(bytes);
}

/// A problem where another block begins inside of the one at the front of `bytes`, the last that
/// are there and too few for it. Where its two lengths agree, it is more likely cut in what it
/// carries, which may be a capture, unless blocks inside go on to the very end: then bytes are
/// lost. What follows it begins behind the length at its end, or else with those blocks.
RecordReader::Stop PcapngReader::findInsideOfCut(Body bytes) const {
  const bool fills = isPacketThatFillsItsBlock(bytes);
  std::optional<std::size_t> next;
  std::size_t at = 1;
  while (true) {
    const Search inside = search(bytes.subspan(at), Ahead::Nothing);
    if (!inside.found) return {};
    at += inside.passed;
    const bool isBehindAnEnd =
        at > kBlockHeaderSize &&
        order_.u32(bytes.data() + at - kBlockTrailerSize) == order_.u32(bytes.data() + 4);
    if (!next && isBehindAnEnd) next = at;
    std::size_t end = at;
    for (Framing block = frameBlock(bytes.subspan(end)); block.wanted == 0 && !block.problem;
         block = frameBlock(bytes.subspan(end), block.order)) {
      end += block.length;
    }
    if (!fills || end == bytes.size()) {
      return {.problem = "a block is damaged, and another begins inside of it",
              .damaged = fills ? next.value_or(at) : 1};
    }
    at = end;
  }
}

/// Whether what is there of a packet's block has its own length and that of the packet fit.
bool PcapngReader::isPacketThatFillsItsBlock(Body bytes) const {
  constexpr std::size_t kPacketOffset = kBlockHeaderSize + kPacketFieldsSize;
  if (bytes.size() < kPacketOffset || !isPacket(BlockType{order_.u32(bytes.data())})) return false;
  const std::size_t packet = padded(order_.u32(bytes.data() + 20));
  return order_.u32(bytes.data() + 4) == kPacketOffset + packet + kBlockTrailerSize;
}

/// The block that follows another one. Of a long one the beginning is enough.
PcapngReader::Framing PcapngReader::frameNext(Body bytes) const {
  Framing next = frameBlock(bytes);
  const bool isLong = next.length > kLongestRecognised && next.length % 4 == 0 &&
                      next.length <= pcapng::kMaxBlockLength;
  if (isLong) return {.length = next.length, .order = next.order};
  return next;
}

PcapngReader::Framing PcapngReader::frameBlock(Body bytes, ByteOrder order) {
  constexpr std::size_t kSmallestBlock = kBlockHeaderSize + kBlockTrailerSize;
  Framing block{.order = order};
  if (bytes.size() < kSmallestBlock) {
    block.wanted = kSmallestBlock;
    return block;
  }
  if (recognises(bytes)) {
    if (block.order.u32(bytes.data() + 8) != pcapng::kByteOrderMagic) {
      block.order.swapped = !block.order.swapped;
    }
    if (block.order.u32(bytes.data() + 8) != pcapng::kByteOrderMagic) {
      block.problem = "a section header has no byte order";
      return block;
    }
  }
  block.length = block.order.u32(bytes.data() + 4);
  if (block.length < kSmallestBlock || block.length % 4 != 0 ||
      block.length > pcapng::kMaxBlockLength) {
    block.problem =
        fmt::format("a block claims a length of {} bytes, which cannot be", block.length);
  } else if (bytes.size() < block.length) {
    block.wanted = block.length;
  } else if (const std::uint32_t again =
                 block.order.u32(bytes.data() + block.length - kBlockTrailerSize);
             again != block.length) {
    block.problem = fmt::format(
        "a block claims a length of {} bytes at its start and {} at its end", block.length, again);
  }
  return block;
}

/// Frames a packet's block whose length at its start cannot be that of one: by that at its end,
/// where the packet leaves off, and with everything between the two as it must be. (A length that
/// can be may be right, with bytes lost behind it. What has hit the one at the end may have hit the
/// packet before it, too.) Waits for what it needs even where nothing more may come for long.
PcapngReader::Framing PcapngReader::frameIntactPacket(Body bytes, Ahead ahead) const {
  constexpr std::size_t kPacketOffset = kBlockHeaderSize + kPacketFieldsSize;
  constexpr std::size_t kShortest = kPacketOffset + kLikenessBytes + kBlockTrailerSize;
  constexpr std::size_t kLongest = kShortest + kMaxCapturedLength + 64 * std::size_t{1024};
  const bool mayGrow = ahead != Ahead::Nothing;
  const auto typeOf = [&](Body block) { return static_cast<BlockType>(order_.u32(block.data())); };
  if (bytes.size() < kBlockHeaderSize || typeOf(bytes) != BlockType::EnhancedPacket) return {};
  const std::uint32_t claimed = order_.u32(bytes.data() + 4);
  if (claimed % 4 == 0 && claimed >= kShortest && claimed <= kLongest) return {};
  constexpr std::size_t kLookedAt = kPacketOffset + kLikenessBytes;
  if (bytes.size() < kLookedAt) return {.wanted = mayGrow ? kLookedAt : 0};
  const std::uint32_t captured = order_.u32(bytes.data() + 20);
  const std::uint32_t onWire = order_.u32(bytes.data() + 24);
  if (captured < kLikenessBytes || captured > onWire || onWire > kMaxCapturedLength) return {};
  const Likeness likeness = vsockLikeness(bytes.subspan(kPacketOffset));
  if (!likeness.isBothHeaders() || likeness.expectedLength != onWire) return {};

  const std::size_t length = kPacketOffset + padded(captured) + kBlockTrailerSize;
  if (mayGrow && bytes.size() < length + kPacketOffset) return {.wanted = length + kPacketOffset};
  if (bytes.size() < length) return {};
  if (order_.u32(bytes.data() + length - kBlockTrailerSize) != length) return {};
  const Body next = bytes.subspan(length);
  const bool isFollowed = next.size() >= kPacketOffset && isKnown(typeOf(next));
  if (!isFollowed && !next.empty()) return {};
  const auto time = timeOfPacket(bytes);
  const auto after =
      isFollowed && typeOf(next) == BlockType::EnhancedPacket ? timeOfPacket(next) : std::nullopt;
  if (!time || !areInOrder(lastTimeNs_, *time, after)) return {};
  return {.length = static_cast<std::uint32_t>(length), .order = order_};
}

/// When the packet of an enhanced packet block was captured; nothing where that cannot be told.
std::optional<std::int64_t> PcapngReader::timeOfPacket(Body block) const {
  const std::uint32_t id = order_.u32(block.data() + 8);
  if (id >= section_.size()) return std::nullopt;
  const Interface& interface = section_[id];
  if (!interface.isVsock) return std::nullopt;
  return interface.clock.toNs(std::uint64_t{order_.u32(block.data() + 12)} << 32 |
                              order_.u32(block.data() + 16));
}

/// The length of the whole and sound block at the front of `bytes` that begins no section; 0 where
/// there is none.
std::size_t PcapngReader::soundLength(Body bytes) const {
  if (bytes.size() < kBlockHeaderSize + kBlockTrailerSize || recognises(bytes)) return 0;
  const std::uint32_t length = order_.u32(bytes.data() + 4);
  if (length < kBlockHeaderSize + kBlockTrailerSize || length % 4 != 0 || length > bytes.size() ||
      length > pcapng::kMaxBlockLength) {
    return 0;
  }
  return order_.u32(bytes.data() + length - kBlockTrailerSize) == length ? length : 0;
}

RecordReader::Search PcapngReader::search(Body bytes, Ahead ahead) const {
  return searchFront(bytes.size(), bytes, ahead);
}

/// search(), but for a block that begins in the first `size` of the bytes.
RecordReader::Search PcapngReader::searchFront(std::size_t size, Body bytes, Ahead ahead) const {
  for (std::size_t at = 0; at < size; ++at) {
    std::size_t wanted = 0;
    const Verdict verdict = recognise(bytes.subspan(at), ahead, wanted);
    if (verdict == Verdict::Block) return {.passed = at, .found = true};
    if (verdict == Verdict::NeedMore) return {.passed = at, .wanted = wanted};
  }
  return {.passed = size, .wanted = kBlockHeaderSize + kBlockTrailerSize};
}

PcapngReader::Verdict PcapngReader::recognise(Body bytes, Ahead ahead, std::size_t& wanted) const {
  if (bytes.size() >= sizeof(std::uint32_t)) {
    const auto type = static_cast<BlockType>(order_.u32(bytes.data()));
    if (!isKnown(type)) return Verdict::NoBlock;
  }
  const Framing block = frameBlock(bytes);
  if (block.problem || block.length > kLongestRecognised) return Verdict::NoBlock;
  if (block.wanted > 0) {
    wanted = block.wanted;
    return ahead == Ahead::Nothing ? Verdict::NoBlock : Verdict::NeedMore;
  }
  const auto type = static_cast<BlockType>(block.order.u32(bytes.data()));
  const Body body = bodyOf(bytes, block.length);
  if (!isUsualBody(type, body)) return Verdict::NoBlock;
  const bool isCertain =
      isPacket(type) || type == BlockType::SimplePacket || type == BlockType::SectionHeader;
  if (isCertain) return Verdict::Block;
  // Of the others little is known: they must be followed by a block, or by nothing.
  const Body rest = bytes.subspan(block.length);
  const Framing next = frameBlock(rest);
  if (next.wanted > 0 && ahead != Ahead::Nothing) {
    wanted = block.length + next.wanted;
    return Verdict::NeedMore;
  }
  return next.problem || (next.wanted > 0 && !rest.empty()) ? Verdict::NoBlock : Verdict::Block;
}

/// Whether the body of a block whose frame is sound could be one. In that of a packet of vsock the
/// headers decide.
bool PcapngReader::isUsualBody(BlockType type, Body body) const {
  switch (type) {
    case BlockType::EnhancedPacket: {
      if (body.size() < kPacketFieldsSize) return false;
      const std::uint32_t id = order_.u32(body.data());
      const std::uint32_t captured = order_.u32(body.data() + 12);
      const Body rest = body.subspan(kPacketFieldsSize);
      if (captured > rest.size() || id >= section_.size()) return false;
      if (!section_[id].isVsock) return true;
      if (captured > kMaxCapturedLength) return false;
      return captured < kSmallestRecognised || vsockLikeness(rest.first(captured)).isHeader();
    }
    case BlockType::InterfaceStatistics:
      return body.size() >= 12 && order_.u32(body.data()) < section_.size();
    case BlockType::InterfaceDescription:
      return body.size() >= 8 && order_.u16(body.data() + 2) == 0;
    case BlockType::SectionHeader:
      return body.size() >= 16;
    case BlockType::SimplePacket:
      return body.size() >= sizeof(std::uint32_t) + kSmallestRecognised &&
             vsockLikeness(body.subspan(sizeof(std::uint32_t))).isHeader();
    case BlockType::Packet:
      return body.size() >= kPacketFieldsSize + kSmallestRecognised &&
             vsockLikeness(body.subspan(kPacketFieldsSize)).isHeader();
    case BlockType::NameResolution:
    case BlockType::Reserved:
      break;
  }
  return false;
}

}  // namespace vsdump
