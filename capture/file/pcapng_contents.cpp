// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the reader that takes what is in whole blocks.
#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <iterator>
#include <utility>

#include "capture/file/pcapng_reader.h"

namespace vsdump {

using pcapng::BlockType;
using pcapng::kBlockHeaderSize;
using pcapng::kBlockTrailerSize;
using pcapng::kPacketFieldsSize;
using pcapng::padded;

namespace {

/// More interfaces than any capture has: a file of nothing else must not fill the memory.
constexpr std::size_t kMaxInterfaces = 65536;

/// Names and descriptions of all interfaces together, in bytes: 64 for each of the most there are.
constexpr std::size_t kMaxInterfaceText = std::size_t{4} * 1024 * 1024;

std::string textOf(std::span<const std::byte> value) {
  // Some writers count a terminating zero.
  const auto end = std::find(value.begin(), value.end(), std::byte{});
  return {reinterpret_cast<const char*>(value.data()),
          static_cast<std::size_t>(end - value.begin())};
}

std::string tooShort(std::string_view block, std::size_t size) {
  return fmt::format("{} is too short: {} bytes", block,
                     size + kBlockHeaderSize + kBlockTrailerSize);
}

}  // namespace

PcapngReader::Problem PcapngReader::takeBlock(BlockType type, Body body) {
  switch (type) {
    case BlockType::EnhancedPacket:
      return takeEnhancedPacket(body);
    case BlockType::SimplePacket:
      return takeSimplePacket(body);
    case BlockType::Packet:
      return takeObsoletePacket(body);
    case BlockType::SectionHeader:
      return takeSectionHeader(body);
    case BlockType::InterfaceDescription:
      return takeInterface(body);
    case BlockType::InterfaceStatistics:
      return takeStatistics(body);
    case BlockType::NameResolution:
      takeCommentsOfNames(body);
      break;
    case BlockType::Reserved:
      break;
  }
  return std::nullopt;  // secrets and what others have invented
}

PcapngReader::Problem PcapngReader::takeSectionHeader(Body body) {
  constexpr std::size_t kFixedSize = 16;
  if (body.size() < kFixedSize) return tooShort("a section header", body.size());
  const std::uint16_t major = order_.u16(body.data() + 4);
  const std::uint16_t minor = order_.u16(body.data() + 6);
  // 1.2 was written by some and means the same.
  if (major != 1 || (minor != 0 && minor != 2)) {
    return fmt::format("its pcapng version is {}.{}, not 1.0", major, minor);
  }
  sawSection_ = true;
  section_.clear();
  resumedAt_.reset();
  goesOnAt_ = 0;
  pcapng::Options options(body.subspan(kFixedSize), order_);
  while (const auto option = options.next()) takeComment(*option, std::nullopt);
  checkOverrun(options);
  return std::nullopt;
}

PcapngReader::Problem PcapngReader::takeInterface(Body body) {
  constexpr std::size_t kFixedSize = 8;
  if (body.size() < kFixedSize) return tooShort("an interface description", body.size());
  CaptureInterface found{.linkType = order_.u16(body.data())};
  const std::uint32_t snapshotLength = order_.u32(body.data() + 4);
  if (snapshotLength > 0 && snapshotLength <= INT_MAX) found.snapshotLength = snapshotLength;

  std::uint8_t resolution = 6;
  std::int64_t offsetSeconds = 0;
  std::vector<Comment> comments;
  pcapng::Options options(body.subspan(kFixedSize), order_);
  while (const auto option = options.next()) {
    if (option->code == pcapng::option::kInterfaceName) {
      found.name = interfaceText(option->value);
    } else if (option->code == pcapng::option::kInterfaceDescription) {
      found.description = interfaceText(option->value);
    } else if (option->code == pcapng::option::kInterfaceResolution) {
      if (option->value.size() != 1) return "an interface's time resolution is not one byte";
      resolution = std::to_integer<std::uint8_t>(option->value[0]);
    } else if (option->code == pcapng::option::kInterfaceOffset) {
      if (option->value.size() != 8) return "an interface's time offset is not eight bytes";
      offsetSeconds = static_cast<std::int64_t>(order_.u64(option->value.data()));
    } else if (option->code == pcapng::option::kComment) {
      comments.push_back({.frame = std::nullopt, .text = textOf(option->value)});
    }
  }
  // Not a warning as elsewhere: the times of all its packets may depend on what is lost.
  if (options.overrun()) return "the options of an interface reach beyond their block";

  std::move(comments.begin(), comments.end(), std::back_inserter(comments_));
  const pcapng::Clock clock(resolution, offsetSeconds);
  found.nanoseconds = clock.isFinerThanMicroseconds();
  const bool isVsock = found.linkType == kLinkTypeVsock;
  sawVsock_ |= isVsock;
  return addInterface(std::move(found),
                      {.clock = clock, .snapshotLength = snapshotLength, .isVsock = isVsock});
}

/// Gives an interface the next number of the section.
PcapngReader::Problem PcapngReader::addInterface(CaptureInterface found, Interface state) {
  const std::pair kind(found.linkType, found.nanoseconds);
  if (interfaces_.size() < kMaxInterfaces) {
    state.index = interfaces_.size();
    lastOfKind_[kind] = state.index;
    interfaces_.push_back(std::move(found));
    leftOut_.emplace_back();
  } else {
    const auto alike = lastOfKind_.find(kind);
    if (alike == lastOfKind_.end() || section_.size() == kMaxInterfaces) {
      return fmt::format("there are more than {} interfaces", kMaxInterfaces);
    }
    state.index = alike->second;
    const CaptureInterface& other = interfaces_[state.index];
    const bool isOther = other.name != found.name || other.description != found.description;
    if (isOther && !std::exchange(toldOfNames_, true)) {
      addNotice(SourceNotice::Severity::Note,
                fmt::format("there are more than {} interfaces: the names of those behind are left "
                            "out",
                            kMaxInterfaces),
                input_.offset());
    }
  }
  section_.push_back(state);
  return std::nullopt;
}

/// Keeps the number of an interface that is not known, so that those after it have theirs.
void PcapngReader::addDamagedInterface() {
  if (interfaces_.size() < kMaxInterfaces) {
    interfaces_.emplace_back();
    leftOut_.push_back({.isDamaged = true});
  }
  if (section_.size() < kMaxInterfaces) section_.push_back({.index = interfaces_.size() - 1});
}

/// A name or description; empty, which is said once, where there were too many before it.
std::string PcapngReader::interfaceText(Body value) {
  std::string text = textOf(value);
  interfaceTextBytes_ += text.size();
  if (interfaceTextBytes_ <= kMaxInterfaceText) return text;
  if (interfaceTextBytes_ - text.size() <= kMaxInterfaceText) {
    addNotice(
        SourceNotice::Severity::Note,
        fmt::format("the names and descriptions of interfaces are longer than {} bytes: those "
                    "of interface {} and the ones behind it are left out",
                    kMaxInterfaceText, interfaces_.size()),
        input_.offset());
  }
  return {};
}

PcapngReader::Problem PcapngReader::takeStatistics(Body body) {
  constexpr std::size_t kFixedSize = 12;
  if (body.size() < kFixedSize) return tooShort("an interface statistics block", body.size());
  const std::uint32_t id = order_.u32(body.data());
  if (id >= section_.size()) {
    return fmt::format("statistics of interface {}, which the section does not describe", id);
  }
  CaptureStatistics& statistics = interfaces_[section_[id].index].statistics;
  statistics.countedNs = section_[id].clock.toNs(std::uint64_t{order_.u32(body.data() + 4)} << 32 |
                                                 order_.u32(body.data() + 8));
  std::optional<std::uint64_t> arrived;
  std::optional<std::uint64_t> passedFilter;
  pcapng::Options options(body.subspan(kFixedSize), order_);
  while (const auto option = options.next()) {
    takeComment(*option, std::nullopt);
    if (option->value.size() != 8) continue;
    const std::uint64_t count = order_.u64(option->value.data());
    if (option->code == pcapng::option::kStatisticsReceived) arrived = count;
    if (option->code == pcapng::option::kStatisticsPassedFilter) passedFilter = count;
    if (option->code == pcapng::option::kStatisticsDroppedBySystem) statistics.dropped = count;
    if (option->code == pcapng::option::kStatisticsDroppedByInterface) {
      statistics.droppedByInterface = count;
    }
  }
  // Who does not count behind the filter counts all that arrived.
  if (passedFilter || arrived) statistics.received = passedFilter ? passedFilter : arrived;
  checkOverrun(options);
  return std::nullopt;
}

void PcapngReader::takeCommentsOfNames(Body body) {
  pcapng::Options names(body, order_);
  while (names.next()) {
  }
  if (names.overrun()) return;
  pcapng::Options options(names.rest(), order_);
  while (const auto option = options.next()) takeComment(*option, std::nullopt);
  checkOverrun(options);
}

PcapngReader::Problem PcapngReader::takeEnhancedPacket(Body body) {
  if (body.size() < kPacketFieldsSize) return tooShort("a packet block", body.size());
  const std::byte* at = body.data();
  return takePacket({.interface = order_.u32(at),
                     .ticks = std::uint64_t{order_.u32(at + 4)} << 32 | order_.u32(at + 8),
                     .captured = order_.u32(at + 12),
                     .onWire = order_.u32(at + 16),
                     .dataOffset = kPacketFieldsSize},
                    body);
}

PcapngReader::Problem PcapngReader::takeObsoletePacket(Body body) {
  if (body.size() < kPacketFieldsSize) return tooShort("a packet block", body.size());
  const std::byte* at = body.data();
  return takePacket({.interface = order_.u16(at),  // then how many were dropped
                     .ticks = std::uint64_t{order_.u32(at + 4)} << 32 | order_.u32(at + 8),
                     .captured = order_.u32(at + 12),
                     .onWire = order_.u32(at + 16),
                     .dataOffset = kPacketFieldsSize},
                    body);
}

PcapngReader::Problem PcapngReader::takeSimplePacket(Body body) {
  constexpr std::size_t kFixedSize = 4;
  if (body.size() < kFixedSize) return tooShort("a packet block", body.size());
  const std::uint32_t onWire = order_.u32(body.data());
  std::uint32_t captured = onWire;
  if (!section_.empty() && section_[0].snapshotLength > 0) {
    captured = std::min(captured, section_[0].snapshotLength);
  }
  return takePacket({.interface = 0,
                     .hasTime = false,
                     .captured = captured,
                     .onWire = onWire,
                     .dataOffset = kFixedSize},
                    body);
}

PcapngReader::Problem PcapngReader::takePacket(const PacketFields& packet, Body body) {
  if (packet.interface >= section_.size()) {
    return fmt::format("packet {} is of interface {}, which the section does not describe",
                       packetRecords_ + 1, packet.interface);
  }
  const Interface& interface = section_[packet.interface];
  if (interface.isVsock && packet.captured > kMaxCapturedLength) {
    return fmt::format("packet {} claims {} captured bytes, and no packet can have more than {}",
                       packetRecords_ + 1, packet.captured, kMaxCapturedLength);
  }
  const Body rest = body.subspan(packet.dataOffset);
  if (packet.captured > rest.size()) {
    return fmt::format("packet {} claims {} captured bytes, and its block has only {}",
                       packetRecords_ + 1, packet.captured, rest.size());
  }
  ++packetRecords_;
  if (!interface.isVsock) {
    ++leftOut_[interface.index].packets;
    return std::nullopt;
  }
  const bool isShort = hasHeadersBeyond(rest, packet.captured, packet.onWire);
  const std::uint32_t captured = isShort ? packet.onWire : packet.captured;
  if (isShort) {
    addDamage(fmt::format("packet {} claims {} captured bytes, which is wrong: it has {}",
                          packetRecords_, packet.captured, captured),
              input_.offset(), 0);
  }
  frames_.push_back({.bytes = rest.first(captured),
                     .timestampNs = packet.hasTime ? interface.clock.toNs(packet.ticks) : 0,
                     .number = FrameNumber{packetRecords_},
                     .wireLengthBytes = packet.onWire,
                     .interfaceIndex = static_cast<std::uint32_t>(interface.index)});
  if (packet.hasTime) lastTimeNs_ = frames_.back().timestampNs;
  const std::size_t filled = padded(captured);
  if (packet.hasTime && rest.size() > filled) {
    pcapng::Options options(rest.subspan(filled), order_);
    while (const auto option = options.next()) takeComment(*option, FrameNumber{packetRecords_});
    checkOverrun(options);
  }
  return std::nullopt;
}

void PcapngReader::takeComment(const pcapng::Option& option, std::optional<FrameNumber> frame) {
  if (option.code != pcapng::option::kComment) return;
  comments_.push_back({.frame = frame, .text = textOf(option.value)});
}

void PcapngReader::checkOverrun(const pcapng::Options& options) {
  if (!options.overrun()) return;
  addDamage("the options of a block reach beyond it, and some are left out", input_.offset(), 0);
}

}  // namespace vsdump
