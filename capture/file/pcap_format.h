// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

/// The layout of pcap files.
/// **Source** draft-ietf-opsawg-pcap; of the dialects, libpcap's sf-pcap.c.
namespace vsdump::pcap {

inline constexpr std::uint32_t kMicrosecondMagic = 0xa1b2c3d4;
inline constexpr std::uint32_t kNanosecondMagic = 0xa1b23c4d;
/// Kuznetzov's patch: each record also has an interface index, a protocol and a packet type.
inline constexpr std::uint32_t kModifiedMagic = 0xa1b2cd34;

inline constexpr std::uint16_t kMajorVersion = 2;
inline constexpr std::uint16_t kMinorVersion = 4;

/// Magic, version, two fields that are 0, snapshot length, link type.
inline constexpr std::size_t kFileHeaderSize = 24;

/// Seconds, fraction, captured length, length on the wire.
inline constexpr std::size_t kRecordHeaderSize = 16;
inline constexpr std::size_t kModifiedRecordHeaderSize = 24;

}  // namespace vsdump::pcap
