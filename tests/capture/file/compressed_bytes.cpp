// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/capture/file/compressed_bytes.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>

namespace vsdump::test {

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes zstdWithChecksum(const Bytes& plain) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&::ZSTD_freeCCtx)> context(::ZSTD_createCCtx(),
                                                                       &::ZSTD_freeCCtx);
  ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  Bytes file(::ZSTD_compressBound(plain.size()));
  file.resize(
      ::ZSTD_compress2(context.get(), file.data(), file.size(), plain.data(), plain.size()));
  return file;
}

Bytes zstdWithWrongChecksum(const Bytes& plain) {
  Bytes file = zstdWithChecksum(plain);
  file.back() ^= std::byte{1};
  return file;
}

Bytes gzippedWithWrongChecksum(const Bytes& plain) {
  Bytes file = gzipped(plain);
  file[file.size() - 8] ^= std::byte{1};
  return file;
}

Bytes zstdWithBadBlock(const Bytes& plain) {
  constexpr std::uint8_t kWindowOf64KiB = 6 << 3;
  constexpr std::uint32_t kReservedType = 3 << 1;
  ByteWriter frame(false);
  const auto blockHeader = [&](std::uint32_t header) {
    frame.u16(static_cast<std::uint16_t>(header)).u8(static_cast<std::uint8_t>(header >> 16));
  };
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(kWindowOf64KiB);
  blockHeader(static_cast<std::uint32_t>(plain.size() << 3));
  frame.bytes(plain);
  blockHeader(kReservedType);
  return joined({frame.out, Bytes(kJunkInMember - 3)});
}

Bytes zstdLackingBytes(std::size_t lost) {
  constexpr std::uint8_t kWindowOf64KiB = 6 << 3;
  constexpr std::uint32_t kCompressedAndLast = 2 << 1 | 1;
  ByteWriter frame(false);
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(kWindowOf64KiB);
  frame.u16(kLastBlockSize << 3 | kCompressedAndLast).u8(0);
  // Literals by a table that no block before it has.
  return joined({frame.out, Bytes(kLastBlockSize - lost, std::byte{0xff})});
}

Bytes gzippedWithBadBlock(const Bytes& plain) {
  constexpr std::uint8_t kReservedType = 3 << 1;
  const auto size = static_cast<std::uint16_t>(plain.size());
  ByteWriter member(false);
  member.u8(0x1f).u8(0x8b).u8(8).u8(0).u32(0).u8(0).u8(3);
  member.u8(0).u16(size).u16(static_cast<std::uint16_t>(~size)).bytes(plain);
  member.u8(kReservedType);
  // The byte with the type is consumed.
  return joined({member.out, Bytes(kJunkInMember)});
}

Bytes zstdLackingItsEnd(const Bytes& plain, std::size_t lacking) {
  constexpr std::uint8_t kWindowOf64KiB = 6 << 3;
  constexpr std::uint32_t kRawAndLast = 1;
  ByteWriter frame(false);
  const auto blockHeader = [&](std::uint32_t header) {
    frame.u16(static_cast<std::uint16_t>(header)).u8(static_cast<std::uint8_t>(header >> 16));
  };
  frame.u32(ZSTD_MAGICNUMBER).u8(0).u8(kWindowOf64KiB);
  blockHeader(static_cast<std::uint32_t>(plain.size() << 3));
  frame.bytes(plain);
  blockHeader(static_cast<std::uint32_t>(lacking << 3 | kRawAndLast));
  return frame.out;
}

Bytes storedByGzip(const Bytes& plain, std::size_t size) {
  ByteWriter member(false);
  member.u8(0x1f).u8(0x8b).u8(8).u8(0).u32(0).u8(0).u8(3);
  member.u8(1).u16(static_cast<std::uint16_t>(size)).u16(static_cast<std::uint16_t>(~size));
  return joined({member.out, plain});
}

Bytes stored(const Bytes& plain) {
  const auto crc =
      ::crc32(0, reinterpret_cast<const Bytef*>(plain.data()), static_cast<uInt>(plain.size()));
  ByteWriter trailer(false);
  trailer.u32(static_cast<std::uint32_t>(crc)).u32(static_cast<std::uint32_t>(plain.size()));
  return joined({storedByGzip(plain, plain.size()), trailer.out});
}

Bytes gzippedLackingItsEnd(const Bytes& plain, std::size_t lacking) {
  return storedByGzip(plain, plain.size() + lacking);
}

Bytes slice(const Bytes& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from),
          bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

Bytes fileOf(const std::vector<Packet>& packets, std::size_t from, std::size_t to) {
  return pcapFile({packets.begin() + static_cast<std::ptrdiff_t>(from),
                   packets.begin() + static_cast<std::ptrdiff_t>(to)});
}

std::pair<std::vector<Packet>, std::vector<Packet>> halves() {
  const auto all = somePackets(20);
  return {{all.begin(), all.begin() + 12}, {all.begin() + 12, all.end()}};
}

std::vector<Packet> joined(std::vector<Packet> first, const std::vector<Packet>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace vsdump::test
