// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "capture/file/byte_order.h"

namespace vsdump::pcapng {

/// The blocks that carry something for this program; all others are passed over.
/// **Source** draft-ietf-opsawg-pcapng; PacketBlock is the obsolete one of its appendix.
enum class BlockType : std::uint32_t {
  Reserved = 0,  ///< that no writer uses
  InterfaceDescription = 1,
  Packet = 2,
  SimplePacket = 3,
  NameResolution = 4,
  InterfaceStatistics = 5,
  EnhancedPacket = 6,
  SectionHeader = 0x0a0d0d0a,
};

inline constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;

/// Block type and total length before the body, the total length again after it.
inline constexpr std::size_t kBlockHeaderSize = 8;
inline constexpr std::size_t kBlockTrailerSize = 4;

/// What comes before the packet in the body of an enhanced packet block, and of an obsolete one.
inline constexpr std::size_t kPacketFieldsSize = 20;

/// The size of a packet or an option's value with what fills it up.
constexpr std::size_t padded(std::size_t size) {
  return (size + 3) / 4 * 4;
}

/// Blocks that are longer count as damage. What libpcap and Wireshark take at most, too.
inline constexpr std::uint32_t kMaxBlockLength = 16 * 1024 * 1024;

/// Option codes, which repeat from block type to block type.
namespace option {
inline constexpr std::uint16_t kEnd = 0;
inline constexpr std::uint16_t kComment = 1;
inline constexpr std::uint16_t kSectionOperatingSystem = 3;
inline constexpr std::uint16_t kSectionApplication = 4;
inline constexpr std::uint16_t kInterfaceName = 2;
inline constexpr std::uint16_t kInterfaceDescription = 3;
inline constexpr std::uint16_t kInterfaceResolution = 9;
inline constexpr std::uint16_t kInterfaceOffset = 14;
inline constexpr std::uint16_t kStatisticsReceived = 4;
inline constexpr std::uint16_t kStatisticsDroppedByInterface = 5;
inline constexpr std::uint16_t kStatisticsPassedFilter = 6;
inline constexpr std::uint16_t kStatisticsDroppedBySystem = 7;
}  // namespace option

struct Option {
  std::uint16_t code = 0;
  std::span<const std::byte> value;
};

/// Walks over the options at the end of a block's body, or over the records of a name resolution
/// block, which have the same form.
class Options {
 public:
  Options(std::span<const std::byte> bytes, ByteOrder order) : rest_(bytes), order_(order) {}

  /// The next option, or none at the end of the list.
  std::optional<Option> next() {
    constexpr std::size_t kHeaderSize = 4;
    if (rest_.size() < kHeaderSize) {
      overrun_ = !rest_.empty();
      return std::nullopt;
    }
    const std::uint16_t code = order_.u16(rest_.data());
    const std::size_t length = order_.u16(rest_.data() + 2);
    if (code == option::kEnd) {
      rest_ = rest_.subspan(std::min(kHeaderSize + padded(length), rest_.size()));
      return std::nullopt;
    }
    const std::size_t whole = kHeaderSize + padded(length);
    if (whole > rest_.size()) {
      overrun_ = true;
      return std::nullopt;
    }
    const Option found{.code = code, .value = rest_.subspan(kHeaderSize, length)};
    rest_ = rest_.subspan(whole);
    return found;
  }

  /// What follows the list, once there is no next one.
  std::span<const std::byte> rest() const { return rest_; }

  /// Whether the list stopped because it reaches beyond the block.
  bool overrun() const { return overrun_; }

 private:
  std::span<const std::byte> rest_;
  ByteOrder order_;
  bool overrun_ = false;
};

/// How an interface counts time: its if_tsresol and if_tsoffset.
class Clock {
 public:
  /// Microseconds since 1970.
  Clock() = default;

  /// `resolution` as if_tsresol has it: a negative power of 10, or of 2 with the top bit set.
  Clock(std::uint8_t resolution, std::int64_t offsetSeconds);

  /// Never overflows: times beyond what 64 bits hold become the last or first that they do.
  std::int64_t toNs(std::uint64_t ticks) const;

  /// Whether it counts in smaller steps than a microsecond.
  bool isFinerThanMicroseconds() const { return finerThanMicroseconds_; }

 private:
  // Nanoseconds are ticks * multiplier_ / divisor_ >> shift_ + offset.
  std::uint64_t multiplier_ = 1000;
  std::uint64_t divisor_ = 1;
  unsigned shift_ = 0;
  std::int64_t offsetSeconds_ = 0;
  bool finerThanMicroseconds_ = false;
};

}  // namespace vsdump::pcapng
