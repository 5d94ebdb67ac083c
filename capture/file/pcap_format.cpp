// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcap_format.h"

#include <fmt/format.h>

#include <array>
#include <climits>

#include "capture/file/places.h"

namespace vsdump::pcap {

namespace {

/// One row for each magic number that begins a pcap file.
struct Magic {
  std::uint32_t number;
  std::uint32_t nsPerFraction;
  std::size_t recordHeaderSize;
};

constexpr std::array kMagics = {
    Magic{
        .number = kMicrosecondMagic, .nsPerFraction = 1000, .recordHeaderSize = kRecordHeaderSize},
    Magic{.number = kNanosecondMagic, .nsPerFraction = 1, .recordHeaderSize = kRecordHeaderSize},
    Magic{.number = kModifiedMagic,
          .nsPerFraction = 1000,
          .recordHeaderSize = kModifiedRecordHeaderSize},
};

std::optional<Dialect> dialectOf(std::span<const std::byte> start) {
  for (const ByteOrder order : {ByteOrder{.swapped = false}, ByteOrder{.swapped = true}}) {
    const std::uint32_t number = order.u32(start.data());
    for (const Magic& magic : kMagics) {
      if (magic.number != number) continue;
      return Dialect{.order = order,
                     .nsPerFraction = magic.nsPerFraction,
                     .recordHeaderSize = magic.recordHeaderSize};
    }
  }
  return std::nullopt;
}

}  // namespace

bool hasMagic(std::span<const std::byte> start) {
  return dialectOf(start).has_value();
}

std::size_t nextMagic(std::span<const std::byte> bytes, std::size_t at, std::size_t end) {
  constexpr std::byte kFirst{kMicrosecondMagic >> 24};
  constexpr std::byte kSecond{kMicrosecondMagic >> 16 & 0xff};
  static_assert(kNanosecondMagic >> 16 == kMicrosecondMagic >> 16);
  static_assert(kModifiedMagic >> 16 == kMicrosecondMagic >> 16);
  return nextPlace(bytes, at, end, [](const std::byte* place) {
    return ((place[0] == kFirst) & (place[1] == kSecond)) |
           ((place[3] == kFirst) & (place[2] == kSecond));
  });
}

Result<Dialect> parseFileHeader(std::span<const std::byte, kFileHeaderSize> header) {
  Dialect dialect = *dialectOf(header);
  const std::uint16_t major = dialect.order.u16(header.data() + 4);
  const std::uint16_t minor = dialect.order.u16(header.data() + 6);
  const std::uint32_t snapshotLength = dialect.order.u32(header.data() + 16);
  if (snapshotLength > 0 && snapshotLength <= INT_MAX) dialect.snapshotLength = snapshotLength;
  // The upper half tells of the frame check sequence, which vsock has none of.
  dialect.linkType = static_cast<std::uint16_t>(dialect.order.u32(header.data() + 20));

  // DG/UX's tcpdump wrote 543.0 and meant 2.2.
  const bool isDgux = major == 543 && minor == 0;
  if (!isDgux && !(major == kMajorVersion && minor <= kMinorVersion)) {
    return tl::unexpected(
        Error{.kind = ErrorKind::BadInput,
              .reason = fmt::format("its pcap version is {}.{}, not 2.4", major, minor)});
  }
  if (isDgux || minor < 3) {
    dialect.lengthOrder = LengthOrder::WireFirst;
  } else if (minor == 3) {
    dialect.lengthOrder = LengthOrder::SmallerIsCaptured;
  }
  return dialect;
}

}  // namespace vsdump::pcap
