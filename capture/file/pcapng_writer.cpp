// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcapng_writer.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

#include "capture/file/pcapng_format.h"

namespace vsdump {

namespace {

using pcapng::BlockType;
using pcapng::padded;

constexpr std::uint32_t kNsPerMicrosecond = 1000;
/// Bytes of options with which a block is long enough: readers take no block without a limit.
constexpr std::size_t kLongOptions = std::size_t{1024} * 1024;
constexpr std::size_t kLongestOption = 0xffff;

/// Fills bytes from front to back with integers in this machine's order.
class Filler {
 public:
  explicit Filler(std::byte* at) : at_(at) {}

  template <typename Integer>
  Filler& put(Integer value) {
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
    return *this;
  }
  Filler& putPadded(std::span<const std::byte> bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    std::memset(at_ + bytes.size(), 0, padded(bytes.size()) - bytes.size());
    at_ += padded(bytes.size());
    return *this;
  }

 private:
  std::byte* at_;
};

/// Collects the options of a block.
class OptionList {
 public:
  explicit OptionList(std::vector<std::byte>& bytes) : bytes_(bytes) { bytes_.clear(); }

  void add(std::uint16_t code, std::span<const std::byte> value) {
    value = value.first(std::min(value.size(), kLongestOption));
    grow(4 + padded(value.size()))
        .put(code)
        .put(static_cast<std::uint16_t>(value.size()))
        .putPadded(value);
  }
  void add(std::uint16_t code, std::string_view text) {
    if (!text.empty()) add(code, std::as_bytes(std::span(text)));
  }
  void add(std::uint16_t code, std::optional<std::uint64_t> count) {
    if (count) add(code, std::as_bytes(std::span(&*count, 1)));
  }
  /// Whether it is still short with one more.
  bool hasRoomFor(std::string_view text) const {
    return bytes_.size() + std::min(text.size(), kLongestOption) <= kLongOptions;
  }
  void end() {
    if (!bytes_.empty()) grow(4).put(std::uint32_t{pcapng::option::kEnd});
  }

 private:
  Filler grow(std::size_t size) {
    bytes_.resize(bytes_.size() + size);
    return Filler(bytes_.data() + bytes_.size() - size);
  }

  std::vector<std::byte>& bytes_;
};

std::string operatingSystem() {
  utsname names{};
  if (::uname(&names) != 0) return {};
  return fmt::format("{} {}", names.sysname, names.release);
}

constexpr std::size_t blockSize(std::size_t bodySize) {
  return pcapng::kBlockHeaderSize + bodySize + pcapng::kBlockTrailerSize;
}

Filler beginBlock(std::byte* at, BlockType type, std::size_t size) {
  return Filler(at).put(type).put(static_cast<std::uint32_t>(size));
}

}  // namespace

Result<std::unique_ptr<PacketWriter>> PcapngWriter::create(std::unique_ptr<ByteSink> sink,
                                                           std::string name,
                                                           const OutputFormat& format) {
  constexpr std::size_t kFixedSize = 16;
  constexpr std::uint64_t kUnknownLength = ~std::uint64_t{0};
  std::unique_ptr<PcapngWriter> writer(new PcapngWriter(std::move(sink), std::move(name)));
  OptionList options(writer->options_);
  std::span<const std::string> apart = format.comments;
  for (; !apart.empty() && options.hasRoomFor(apart.front()); apart = apart.subspan(1)) {
    options.add(pcapng::option::kComment, apart.front());
  }
  options.add(pcapng::option::kSectionOperatingSystem, operatingSystem());
  options.add(pcapng::option::kSectionApplication, format.application);
  options.end();
  const std::size_t size = blockSize(kFixedSize + writer->options_.size());
  auto room = writer->append(size);
  if (!room) return tl::unexpected(std::move(room.error()));
  beginBlock(*room, BlockType::SectionHeader, size)
      .put(pcapng::kByteOrderMagic)
      .put(std::uint16_t{1})
      .put(std::uint16_t{0})
      .put(kUnknownLength)
      .putPadded(writer->options_)
      .put(static_cast<std::uint32_t>(size));
  for (const std::string& comment : apart) {
    if (auto written = writer->writeApart(comment); !written) {
      return tl::unexpected(std::move(written.error()));
    }
  }
  if (auto flushed = writer->flush(); !flushed) return tl::unexpected(std::move(flushed.error()));
  return writer;
}

Result<void> PcapngWriter::describe(std::span<const CaptureInterface> interfaces) {
  constexpr std::size_t kFixedSize = 8;
  for (std::size_t i = ids_.size(); i < interfaces.size(); ++i) {
    const CaptureInterface& interface = interfaces[i];
    if (interface.linkType != kLinkTypeVsock) {
      ids_.emplace_back();
      continue;
    }
    const std::byte resolution{static_cast<unsigned char>(interface.nanoseconds ? 9 : 6)};
    OptionList options(options_);
    options.add(pcapng::option::kInterfaceName, interface.name);
    options.add(pcapng::option::kInterfaceDescription, interface.description);
    options.add(pcapng::option::kInterfaceResolution, std::span(&resolution, 1));
    options.end();
    const std::size_t size = blockSize(kFixedSize + options_.size());
    auto room = append(size);
    if (!room) return tl::unexpected(std::move(room.error()));
    beginBlock(*room, BlockType::InterfaceDescription, size)
        .put(interface.linkType)
        .put(std::uint16_t{0})
        .put(interface.snapshotLength)
        .putPadded(options_)
        .put(static_cast<std::uint32_t>(size));
    ids_.push_back(
        Interface{.id = nextId_++, .nsPerTick = interface.nanoseconds ? 1 : kNsPerMicrosecond});
  }
  return {};
}

Result<void> PcapngWriter::annotate(std::vector<Comment>&& comments) {
  comments_.erase(comments_.begin(), comments_.begin() + static_cast<std::ptrdiff_t>(nextComment_));
  nextComment_ = 0;
  // What is left of packets was of some that were not wanted.
  std::erase_if(comments_, [](const Comment& comment) { return comment.frame.has_value(); });
  std::move(comments.begin(), comments.end(), std::back_inserter(comments_));
  std::size_t loose = 0;
  for (const Comment& comment : comments_) {
    if (!comment.frame) loose += sizeof comment + comment.text.size();
  }
  return loose > kLongOptions ? writeLooseApart() : Result<void>{};
}

/// Writes the comments of no packet in particular that are left.
Result<void> PcapngWriter::writeLooseApart() {
  for (std::size_t i = nextComment_; i < comments_.size(); ++i) {
    if (comments_[i].frame) continue;
    if (auto written = writeApart(comments_[i].text); !written) return written;
  }
  std::erase_if(comments_, [](const Comment& comment) { return !comment.frame; });
  return {};
}

/// Writes a comment in a block of its own.
Result<void> PcapngWriter::writeApart(std::string_view comment) {
  constexpr std::size_t kFixedSize = 12;  // the ends of no names and of options, the comment's head
  const auto text =
      std::as_bytes(std::span(comment)).first(std::min(comment.size(), kLongestOption));
  if (text.empty()) return {};
  const std::size_t size = blockSize(kFixedSize + padded(text.size()));
  auto room = append(size);
  if (!room) return tl::unexpected(std::move(room.error()));
  beginBlock(*room, BlockType::NameResolution, size)
      .put(std::uint32_t{pcapng::option::kEnd})
      .put(pcapng::option::kComment)
      .put(static_cast<std::uint16_t>(text.size()))
      .putPadded(text)
      .put(std::uint32_t{pcapng::option::kEnd})
      .put(static_cast<std::uint32_t>(size));
  return {};
}

Result<void> PcapngWriter::close() {
  Result<void> written = writeLooseApart();
  Result<void> closed = RecordWriter::close();
  return written ? closed : written;
}

Result<void> PcapngWriter::write(std::span<const Frame> frames) {
  for (const Frame& frame : frames) {
    if (frame.interfaceIndex >= ids_.size() || !ids_[frame.interfaceIndex]) continue;
    if (auto written = writePacket(frame, *ids_[frame.interfaceIndex]); !written) return written;
  }
  return {};
}

/// Makes the options of a packet from its comments, and from those of no packet in particular that
/// come before it. Those of packets that were not wanted are passed over.
Result<void> PcapngWriter::takeComments(FrameNumber number) {
  OptionList options(options_);
  const auto rest = std::span(comments_).subspan(nextComment_);
  const auto end = std::ranges::find_if(
      rest, [&](const std::optional<FrameNumber>& frame) { return frame > number; },
      &Comment::frame);
  const auto taken = rest.first(static_cast<std::size_t>(end - rest.begin()));
  nextComment_ += taken.size();
  for (const Comment& comment : taken) {
    if (comment.frame == number) options.add(pcapng::option::kComment, comment.text);
  }
  for (const Comment& comment : taken) {
    if (comment.frame) continue;
    if (options.hasRoomFor(comment.text)) {
      options.add(pcapng::option::kComment, comment.text);
    } else if (auto written = writeApart(comment.text); !written) {
      return written;
    }
  }
  options.end();
  return {};
}

Result<void> PcapngWriter::writePacket(const Frame& frame, const Interface& interface) {
  constexpr std::size_t kFixedSize = 20;
  options_.clear();
  if (nextComment_ < comments_.size()) {
    if (auto taken = takeComments(frame.number); !taken) return taken;
  }
  const std::size_t size = blockSize(kFixedSize + padded(frame.bytes.size()) + options_.size());
  auto room = append(size);
  if (!room) return tl::unexpected(std::move(room.error()));
  const std::uint64_t ticks = static_cast<std::uint64_t>(
      frame.timestampNs / static_cast<std::int64_t>(interface.nsPerTick));
  beginBlock(*room, BlockType::EnhancedPacket, size)
      .put(interface.id)
      .put(static_cast<std::uint32_t>(ticks >> 32))
      .put(static_cast<std::uint32_t>(ticks))
      .put(static_cast<std::uint32_t>(frame.bytes.size()))
      .put(frame.wireLengthBytes)
      .putPadded(frame.bytes)
      .putPadded(options_)
      .put(static_cast<std::uint32_t>(size));
  endPacket();
  return {};
}

Result<void> PcapngWriter::writeStatistics(std::span<const CaptureInterface> interfaces) {
  constexpr std::size_t kFixedSize = 12;
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  for (std::size_t i = 0; i < std::min(interfaces.size(), ids_.size()); ++i) {
    const CaptureStatistics& counted = interfaces[i].statistics;
    if (!ids_[i] || !(counted.received || counted.dropped || counted.droppedByInterface)) continue;
    OptionList options(options_);
    options.add(pcapng::option::kStatisticsDroppedByInterface, counted.droppedByInterface);
    options.add(pcapng::option::kStatisticsPassedFilter, counted.received);
    options.add(pcapng::option::kStatisticsDroppedBySystem, counted.dropped);
    options.end();
    const std::size_t size = blockSize(kFixedSize + options_.size());
    auto room = append(size);
    if (!room) return tl::unexpected(std::move(room.error()));
    const std::int64_t time = std::max<std::int64_t>(counted.countedNs.value_or(now), 0);
    const std::uint64_t ticks = static_cast<std::uint64_t>(time) / ids_[i]->nsPerTick;
    beginBlock(*room, BlockType::InterfaceStatistics, size)
        .put(ids_[i]->id)
        .put(static_cast<std::uint32_t>(ticks >> 32))
        .put(static_cast<std::uint32_t>(ticks))
        .putPadded(options_)
        .put(static_cast<std::uint32_t>(size));
  }
  return {};
}

}  // namespace vsdump
