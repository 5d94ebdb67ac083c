// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compression.h"

#include <zstd.h>

#include <cstdint>

namespace vsdump {

namespace {

std::uint32_t littleEndian32(std::span<const std::byte> bytes) {
  const auto byte = [&](std::size_t index) { return std::to_integer<std::uint32_t>(bytes[index]); };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

}  // namespace

bool hasGzipMagic(std::span<const std::byte> start) {
  return start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b};
}

bool hasZstdMagic(std::span<const std::byte> start) {
  return littleEndian32(start) == ZSTD_MAGICNUMBER;
}

Compression compressionOf(std::span<const std::byte> start) {
  if (start.size() < 4) return Compression::None;
  if (hasGzipMagic(start)) return Compression::Gzip;
  const bool isSkippableFrame =
      (littleEndian32(start) & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
  if (hasZstdMagic(start) || isSkippableFrame) return Compression::Zstd;
  return Compression::None;
}

std::string_view compressionName(Compression compression) {
  switch (compression) {
    case Compression::Gzip:
      return "gzip";
    case Compression::Zstd:
      return "zstd";
    case Compression::None:
      break;
  }
  return "";
}

}  // namespace vsdump
