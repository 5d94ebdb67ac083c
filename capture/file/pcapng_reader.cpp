// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcapng_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "capture/file/link_type.h"

namespace vsdump {

using pcapng::BlockType;
using pcapng::kBlockHeaderSize;
using pcapng::kBlockTrailerSize;
using pcapng::kPacketFieldsSize;
using pcapng::padded;

namespace {

/// Interfaces whose packets are said to be left out one by one; of more only the sum is told.
constexpr std::uint64_t kToldInterfaces = 10;

/// How far open() reads on in search of a vsock interface.
constexpr std::uint64_t kOpeningLimit = 16 * 1024 * 1024;

/// " (NAME)" where the name can be shown as it is: it comes from the file.
std::string nameForNotice(const std::string& name) {
  const bool isPlain = std::all_of(
      name.begin(), name.end(), [](char character) { return character > ' ' && character < 0x7f; });
  return name.empty() || !isPlain ? "" : " (" + name + ")";
}

}  // namespace

bool PcapngReader::recognises(std::span<const std::byte> start) {
  // The same in either byte order.
  return ByteOrder{}.u32(start.data()) == static_cast<std::uint32_t>(BlockType::SectionHeader);
}

Result<std::unique_ptr<PacketSource>> PcapngReader::open(InputBuffer input, std::string name) {
  std::unique_ptr<PcapngReader> reader(new PcapngReader(std::move(input), std::move(name)));
  auto ready = reader->readUpToVsockInterface();
  if (!ready) return tl::unexpected(std::move(ready.error()));
  return reader;
}

Result<void> PcapngReader::readUpToVsockInterface() {
  bool isOver = false;
  Stop stop = walk(Ahead::Unknown);
  while (!sawVsock_ && !stop.problem && !isOver && input_.offset() < kOpeningLimit) {
    auto chunk = input_.fill(stop.wanted);
    if (!chunk) return tl::unexpected(std::move(chunk.error()));
    if (chunk->state == SourceState::Waiting) {
      // What is there may be all that comes for long.
      stop = walk(Ahead::Later);
      if (sawVsock_ || packetRecords_ > 0) break;
      auto waited = input_.wait(name_);
      if (!waited) return waited;
    }
    isOver = chunk->state == SourceState::End || chunk->state == SourceState::Damaged;
    if (isOver && !sawSection_) {
      stop.problem = chunk->state == SourceState::Damaged ? std::move(chunk->problem)
                                                          : describeCut(input_.bytes());
    }
    if (!isOver) stop = walk(Ahead::Unknown);
  }
  opening_ = false;
  if (!sawSection_ && stop.problem) {
    return tl::unexpected(Error{.kind = ErrorKind::BadInput,
                                .attempted = "read",
                                .subject = name_,
                                .reason = std::move(*stop.problem)});
  }
  if (isOver && !isDamaged() && !sawVsock_ && !interfaces_.empty()) {
    return tl::unexpected(wrongLinkType(name_, interfaces_.front().linkType));
  }
  return {};
}

RecordReader::Stop PcapngReader::walk(Ahead ahead) {
  if (input_.offset() != walkedTo_) {
    resumedAt_ = input_.offset();
    if (lostInterface_) addDamagedInterface();
  }
  Stop stop;
  while (!stop && !(opening_ && sawVsock_)) {
    if (!opening_) takeUsualPackets();
    stop = takeNext(ahead);
  }
  walkedTo_ = input_.offset();
  lostInterface_ = stop.problem && sawSection_ &&
                   BlockType{order_.u32(input_.bytes().data())} == BlockType::InterfaceDescription;
  return stop;
}

/// Takes the block at the front of the buffer, or says what is in the way.
RecordReader::Stop PcapngReader::takeNext(Ahead ahead) {
  const auto bytes = input_.bytes();
  Framing block = frameBlock(bytes);
  const bool isCut = block.wanted > 0 && ahead == Ahead::Nothing && !bytes.empty();
  if (block.problem || isCut) {
    const Framing intact = frameIntactPacket(bytes, ahead);
    if (intact.wanted > 0) return {.wanted = intact.wanted};
    if (intact.length > 0) {
      takeRepaired(bytes, intact.length,
                   fmt::format("that claims a length of {} bytes", block.length),
                   fmt::format("{}", intact.length));
      return {};
    }
  }
  if (isCut) {
    // Before it is said that the end is missing: perhaps the length is wrong.
    if (Stop inside = findInsideOfCut(bytes)) return inside;
  }
  if (block.wanted > 0 || block.problem) {
    return {.wanted = block.wanted, .problem = std::move(block.problem)};
  }
  const auto type = static_cast<BlockType>(block.order.u32(bytes.data()));
  const Body body = bodyOf(bytes, block.length);
  std::size_t wanted = 0;
  const Verdict packet = recogniseByBody(type, bytes, block.length, ahead, wanted);
  if (packet == Verdict::NeedMore) return {.wanted = wanted};
  if (packet == Verdict::Block) {
    takeRepaired(bytes, block.length, fmt::format("of type 0x{:x}", fmt::underlying(type)),
                 fmt::format("0x{:x}", fmt::underlying(BlockType::EnhancedPacket)));
    return {};
  }
  if (Stop odd = doubtBlock(type, bytes, block.length, ahead)) return odd;
  if (type == BlockType::SectionHeader) order_ = block.order;
  if (auto problem = takeBlock(type, body)) {
    if (!sawSection_) return {.problem = std::move(problem)};
    if (Stop odd = doubt(bytes, block.length, ahead, *problem)) return odd;
    if (type == BlockType::InterfaceDescription) addDamagedInterface();
    addDamage(*problem + ": this block is left out", input_.offset(), block.length);
  }
  input_.consume(block.length);
  return {};
}

/// Why the whole block at the front of `bytes` is perhaps none, for all that its lengths say.
RecordReader::Stop PcapngReader::doubtBlock(BlockType type, Body bytes, std::size_t length,
                                            Ahead ahead) {
  if (type == BlockType::Reserved) {
    // Nobody writes it: its two lengths agree by chance, as they do among bytes that have shifted.
    return {.problem = "a block has no type"};
  }
  if (type == BlockType::SectionHeader) return doubtSection(bytes, ahead);
  if (!isKnown(type)) {
    Stop odd = doubt(bytes, length, ahead, "a block of no known type is followed by none");
    if (odd) return odd;
  }
  if (hasPacketWithWildOptions(type, bodyOf(bytes, length))) {
    Stop odd = doubt(bytes, length, ahead,
                     "a packet's options reach beyond its block, and no block follows");
    if (odd) return odd;
  }
  return doubtPacket(bytes, length, ahead);
}

/// Takes enhanced packet blocks from the front of the buffer as long as nothing is odd about them:
/// they are of a vsock interface, without options, and followed by a block. Almost all are so.
void PcapngReader::takeUsualPackets() {
  constexpr std::size_t kPacketOffset = kBlockHeaderSize + kPacketFieldsSize;
  const ByteOrder order = order_;
  const Body bytes = input_.bytes();
  std::size_t at = 0;
  for (std::size_t length = soundLength(bytes), next = 0; length > 0; at += length, length = next) {
    const std::byte* const block = bytes.data() + at;
    if (order.u32(block) != static_cast<std::uint32_t>(BlockType::EnhancedPacket)) break;
    if (length < kPacketOffset + kBlockTrailerSize) break;
    const std::uint32_t id = order.u32(block + 8);
    const std::uint32_t captured = order.u32(block + 20);
    if (length != kPacketOffset + padded(captured) + kBlockTrailerSize) break;
    if (captured > kMaxCapturedLength) break;
    if (id >= section_.size() || !section_[id].isVsock) break;
    next = soundLength(bytes.subspan(at + length));
    if (next == 0) break;
    const std::uint64_t ticks = std::uint64_t{order.u32(block + 12)} << 32 | order.u32(block + 16);
    frames_.push_back({.bytes = {block + kPacketOffset, captured},
                       .timestampNs = section_[id].clock.toNs(ticks),
                       .number = FrameNumber{++packetRecords_},
                       .wireLengthBytes = order.u32(block + 24),
                       .interfaceIndex = static_cast<std::uint32_t>(section_[id].index)});
  }
  if (at > 0) lastTimeNs_ = frames_.back().timestampNs;
  input_.consume(at);
}

/// Takes the packet of an enhanced packet block of `length` bytes that says `claim` of itself,
/// which is wrong: it has `truth`.
void PcapngReader::takeRepaired(Body bytes, std::size_t length, std::string_view claim,
                                std::string_view truth) {
  takeEnhancedPacket(bodyOf(bytes, length));
  addDamage(fmt::format("packet {} is in a block {}, which is wrong: it has {}", packetRecords_,
                        claim, truth),
            input_.offset(), 0);
  input_.consume(length);
}

std::string PcapngReader::describeCut(std::span<const std::byte> rest) const {
  const Framing block = frameBlock(rest);
  if (block.length == 0) {
    return fmt::format("cut short in the middle of a block header: {} of {} bytes are there",
                       rest.size(), block.wanted);
  }
  return fmt::format("cut short in the middle of a block: {} of {} bytes are there", rest.size(),
                     block.length);
}

Result<void> PcapngReader::finish() {
  if (!sawVsock_ && !interfaces_.empty() && !isDamaged()) {
    return tl::unexpected(wrongLinkType(name_, interfaces_.front().linkType));
  }
  std::uint64_t interfaces = 0;
  std::uint64_t morePackets = 0;
  for (std::size_t i = 0; i < leftOut_.size(); ++i) {
    if (leftOut_[i].packets == 0) continue;
    if (++interfaces <= kToldInterfaces) {
      tellLeftOut(i);
    } else {
      morePackets += leftOut_[i].packets;
    }
  }
  if (morePackets > 0) {
    const std::uint64_t more = interfaces - kToldInterfaces;
    addNotice(SourceNotice::Severity::Note,
              fmt::format("{} {} of {} more {} {} left out", morePackets,
                          morePackets == 1 ? "packet" : "packets", more,
                          more == 1 ? "interface" : "interfaces", morePackets == 1 ? "is" : "are"),
              std::nullopt);
  }
  return {};
}

/// Says that packets of an interface are left out, and why.
void PcapngReader::tellLeftOut(std::size_t index) {
  const CaptureInterface& interface = interfaces_[index];
  const auto [count, isDamaged] = leftOut_[index];
  const std::string reason =
      isDamaged ? "its description is damaged"
                : fmt::format("its link type is {}, not VSOCK", linkTypeName(interface.linkType));
  addNotice(isDamaged ? SourceNotice::Severity::Error : SourceNotice::Severity::Note,
            fmt::format("{} {} of interface {}{} {} left out: {}", count,
                        count == 1 ? "packet" : "packets", index, nameForNotice(interface.name),
                        count == 1 ? "is" : "are", reason),
            std::nullopt);
}

}  // namespace vsdump
