// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "capture/source.h"

namespace vsdump::test {

/// A packet as a test puts it into a file and expects it back.
struct Packet {
  std::int64_t timestampNs = 0;
  std::vector<std::byte> bytes{};
  std::uint32_t wireLength = 0;
  std::uint32_t interface = 0;
  std::uint64_t number = 0;

  friend bool operator==(const Packet&, const Packet&) = default;
};

/// Readable in the output of a failed test.
std::ostream& operator<<(std::ostream& out, const Packet& packet);

/// A vsock record with `payload` bytes of payload, different for each `seed`.
std::vector<std::byte> vsockRecord(std::uint32_t seed, std::size_t payload);

/// `count` packets of different lengths, a few microseconds apart, as pcap numbers them.
std::vector<Packet> somePackets(std::size_t count);

/// The same of one length, so that their blocks in a pcapng file are, too.
std::vector<Packet> equallyLongPackets(std::size_t count);

/// `packets` cut by a snapshot length.
std::vector<Packet> cut(std::vector<Packet> packets, std::uint32_t snapshotLength);

/// `packets`, before that of index `from` of which the clock was set ahead by a year.
std::vector<Packet> later(std::vector<Packet> packets, std::size_t from);

/// Whether two packets are the same but for their number and interface.
bool isSame(const Packet& one, const Packet& other);

/// Appends integers in a chosen byte order.
class ByteWriter {
 public:
  explicit ByteWriter(bool bigEndian) : bigEndian_(bigEndian) {}

  ByteWriter& u8(unsigned value);
  ByteWriter& u16(std::uint64_t value) { return integer(value, 2); }
  ByteWriter& u32(std::uint64_t value) { return integer(value, 4); }
  ByteWriter& u64(std::uint64_t value) { return integer(value, 8); }
  ByteWriter& bytes(const std::vector<std::byte>& bytes);
  ByteWriter& text(const std::string& text);
  ByteWriter& padTo4();

  std::vector<std::byte> out{};

 private:
  ByteWriter& integer(std::uint64_t value, int size);

  bool bigEndian_;
};

/// What may differ between pcap files.
struct PcapDialect {
  std::uint32_t magic = 0xa1b2c3d4;
  bool bigEndian = false;
  std::uint16_t major = 2;
  std::uint16_t minor = 4;
  std::uint32_t snapshotLength = 262144;
  std::uint32_t linkType = kLinkTypeVsock;
};

/// A pcap file. Timestamps lose what its resolution cannot hold.
std::vector<std::byte> pcapFile(const std::vector<Packet>& packets,
                                const PcapDialect& dialect = {});

/// A pcapng file with one section, one vsock interface of nanoseconds, and these packets.
std::vector<std::byte> pcapngFile(const std::vector<Packet>& packets, bool bigEndian = false);

/// Where the packet blocks of such a file begin, and its end.
std::vector<std::size_t> pcapngBlockOffsets(const std::vector<Packet>& packets);

/// Where the records of a little- or big-endian file of 16-byte record headers begin, and its end.
std::vector<std::size_t> pcapRecordOffsets(const std::vector<Packet>& packets);

std::vector<std::byte> gzipped(const std::vector<std::byte>& bytes);
std::vector<std::byte> zstdCompressed(const std::vector<std::byte>& bytes);

}  // namespace vsdump::test
