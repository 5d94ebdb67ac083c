// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace vsdump {

enum class Compression { None, Gzip, Zstd };

/// How data that begins with these bytes is compressed. None when there are fewer than 4 of them.
Compression compressionOf(std::span<const std::byte> start);

/// Whether a gzip member begins so. Of 2 bytes at least: RFC 1952, 2.3.1.
bool hasGzipMagic(std::span<const std::byte> start);
/// Whether a zstd frame that holds data begins so. Of 4 bytes at least: RFC 8878, 3.1.1.
bool hasZstdMagic(std::span<const std::byte> start);

/// "gzip" or "zstd".
std::string_view compressionName(Compression compression);

}  // namespace vsdump
