// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include "tests/capture/file/capture_bytes.h"

namespace vsdump::test {

using Bytes = std::vector<std::byte>;

Bytes joined(std::initializer_list<Bytes> parts);

/// A zstd frame with a checksum behind it.
Bytes zstdWithChecksum(const Bytes& plain);
/// The same with a wrong one.
Bytes zstdWithWrongChecksum(const Bytes& plain);
/// A member with one.
Bytes gzippedWithWrongChecksum(const Bytes& plain);

/// Bytes that cannot be decoded at the end of the two of a bad block.
inline constexpr std::size_t kJunkInMember = 20;

/// By RFC 8878: a frame of raw blocks of any size up to 64 KiB, the last of which is of no type.
Bytes zstdWithBadBlock(const Bytes& plain);

inline constexpr std::size_t kLastBlockSize = 60;

/// By RFC 8878: a frame whose last block, which cannot be decoded, is of the size above but for
/// `lost` bytes.
Bytes zstdLackingBytes(std::size_t lost);

/// By RFC 1951 and RFC 1952: a member of a stored block and one that is of no type.
Bytes gzippedWithBadBlock(const Bytes& plain);

/// A frame of raw blocks that lacks its last bytes.
Bytes zstdLackingItsEnd(const Bytes& plain, std::size_t lacking);

/// The beginning of a member of one stored block of `size` bytes, and some of them.
Bytes storedByGzip(const Bytes& plain, std::size_t size);

/// A sound member of one stored block.
Bytes stored(const Bytes& plain);

/// A member of one stored block that lacks its last bytes.
Bytes gzippedLackingItsEnd(const Bytes& plain, std::size_t lacking);

/// Those from `from` to before `to`.
Bytes slice(const Bytes& bytes, std::size_t from, std::size_t to);

/// A capture of some of the packets.
Bytes fileOf(const std::vector<Packet>& packets, std::size_t from, std::size_t to);

/// Packets for two captures, whose numbers go on.
std::pair<std::vector<Packet>, std::vector<Packet>> halves();

std::vector<Packet> joined(std::vector<Packet> first, const std::vector<Packet>& second);

}  // namespace vsdump::test
