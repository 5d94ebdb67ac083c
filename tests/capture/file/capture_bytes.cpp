// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/capture/file/capture_bytes.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <ostream>
#include <stdexcept>

namespace vsdump::test {

std::ostream& operator<<(std::ostream& out, const Packet& packet) {
  return out << "packet " << packet.number << " at " << packet.timestampNs << " ns, "
             << packet.bytes.size() << " of " << packet.wireLength << " bytes, interface "
             << packet.interface;
}

ByteWriter& ByteWriter::u8(unsigned value) {
  out.push_back(static_cast<std::byte>(value));
  return *this;
}

ByteWriter& ByteWriter::integer(std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) {
    const int shift = 8 * (bigEndian_ ? size - 1 - i : i);
    u8(static_cast<unsigned>(value >> shift & 0xff));
  }
  return *this;
}

ByteWriter& ByteWriter::bytes(const std::vector<std::byte>& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
  return *this;
}

ByteWriter& ByteWriter::text(const std::string& text) {
  for (const char character : text) u8(static_cast<unsigned char>(character));
  return *this;
}

ByteWriter& ByteWriter::padTo4() {
  while (out.size() % 4 != 0) u8(0);
  return *this;
}

std::vector<std::byte> vsockRecord(std::uint32_t seed, std::size_t payload) {
  constexpr unsigned kOpPayload = 4;
  constexpr unsigned kTransportVirtio = 2;
  constexpr unsigned kVirtioHeaderLength = 44;
  constexpr unsigned kVirtioOpRw = 5;
  ByteWriter writer(false);
  const auto addresses = [&] { writer.u64(3 + seed % 5).u64(2).u32(1024 + seed).u32(5000); };
  addresses();
  writer.u16(kOpPayload).u16(kTransportVirtio).u16(kVirtioHeaderLength).u16(0);
  addresses();
  writer.u32(payload).u16(1).u16(kVirtioOpRw).u32(0).u32(262144).u32(seed);
  for (std::size_t i = 0; i < payload; ++i) writer.u8(static_cast<unsigned>(seed + i) & 0xff);
  return writer.out;
}

std::vector<Packet> somePackets(std::size_t count) {
  std::vector<Packet> packets;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t payload = i * 37 % 150;
    Packet packet{.timestampNs = 1'732'277'000'123'456'000 + i * 7'001'000LL,
                  .bytes = vsockRecord(i, payload),
                  .wireLength = static_cast<std::uint32_t>(76 + payload),
                  .number = i + 1};
    if (i % 7 == 3) packet.bytes.resize(40);  // cut by a snapshot length
    packets.push_back(std::move(packet));
  }
  return packets;
}

std::vector<Packet> equallyLongPackets(std::size_t count) {
  auto packets = somePackets(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    packets[i].bytes = vsockRecord(i, 24);
    packets[i].wireLength = static_cast<std::uint32_t>(packets[i].bytes.size());
  }
  return packets;
}

std::vector<Packet> cut(std::vector<Packet> packets, std::uint32_t snapshotLength) {
  for (Packet& packet : packets) {
    packet.bytes.resize(std::min<std::size_t>(packet.bytes.size(), snapshotLength));
  }
  return packets;
}

std::vector<Packet> later(std::vector<Packet> packets, std::size_t from) {
  for (std::size_t i = from; i < packets.size(); ++i) {
    packets[i].timestampNs += 365LL * 24 * 60 * 60 * 1'000'000'000;
  }
  return packets;
}

bool isSame(const Packet& one, const Packet& other) {
  return one.timestampNs == other.timestampNs && one.bytes == other.bytes &&
         one.wireLength == other.wireLength;
}

std::vector<std::byte> pcapFile(const std::vector<Packet>& packets, const PcapDialect& dialect) {
  constexpr std::uint32_t kNanoseconds = 0xa1b23c4d;
  constexpr std::uint32_t kKuznetzovMagic = 0xa1b2cd34;
  ByteWriter writer(dialect.bigEndian);
  writer.u32(dialect.magic).u16(dialect.major).u16(dialect.minor).u32(0).u32(0);
  writer.u32(dialect.snapshotLength).u32(dialect.linkType);
  for (const Packet& packet : packets) {
    const std::int64_t fractionNs = packet.timestampNs % 1'000'000'000;
    writer.u32(static_cast<std::uint64_t>(packet.timestampNs / 1'000'000'000));
    writer.u32(static_cast<std::uint64_t>(fractionNs) / (dialect.magic == kNanoseconds ? 1 : 1000));
    const bool wireFirst = dialect.major == 543 || dialect.minor < 3;
    if (wireFirst) writer.u32(packet.wireLength);
    writer.u32(packet.bytes.size());
    if (!wireFirst) writer.u32(packet.wireLength);
    if (dialect.magic == kKuznetzovMagic) writer.u32(7).u16(0x0800).u8(4).u8(0);
    writer.bytes(packet.bytes);
  }
  return writer.out;
}

namespace {

constexpr std::size_t kPcapngHeadersSize = 28 + 28;

std::size_t pcapngBlockSize(const Packet& packet) {
  return 32 + (packet.bytes.size() + 3) / 4 * 4;
}

}  // namespace

std::vector<std::byte> pcapngFile(const std::vector<Packet>& packets, bool bigEndian) {
  ByteWriter writer(bigEndian);
  writer.u32(0x0a0d0d0a).u32(28).u32(0x1a2b3c4d).u16(1).u16(0).u64(0xffffffffffffffff).u32(28);
  writer.u32(1).u32(28).u16(kLinkTypeVsock).u16(0).u32(262144);
  writer.u16(9).u16(1).u8(9).padTo4().u32(28);  // if_tsresol
  for (const Packet& packet : packets) {
    const auto time = static_cast<std::uint64_t>(packet.timestampNs);
    writer.u32(6).u32(pcapngBlockSize(packet)).u32(0).u32(time >> 32).u32(time & 0xffffffff);
    writer.u32(packet.bytes.size()).u32(packet.wireLength).bytes(packet.bytes).padTo4();
    writer.u32(pcapngBlockSize(packet));
  }
  return writer.out;
}

std::vector<std::size_t> pcapngBlockOffsets(const std::vector<Packet>& packets) {
  std::vector<std::size_t> offsets = {kPcapngHeadersSize};
  for (const Packet& packet : packets) offsets.push_back(offsets.back() + pcapngBlockSize(packet));
  return offsets;
}

std::vector<std::size_t> pcapRecordOffsets(const std::vector<Packet>& packets) {
  std::vector<std::size_t> offsets = {24};
  for (const Packet& packet : packets) offsets.push_back(offsets.back() + 16 + packet.bytes.size());
  return offsets;
}

std::vector<std::byte> gzipped(const std::vector<std::byte>& bytes) {
  z_stream stream{};
  if (::deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::vector<std::byte> out(::deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (::deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::vector<std::byte> zstdCompressed(const std::vector<std::byte>& bytes) {
  std::vector<std::byte> out(::ZSTD_compressBound(bytes.size()));
  const std::size_t size = ::ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
  if (::ZSTD_isError(size) != 0) throw std::runtime_error("ZSTD_compress");
  out.resize(size);
  return out;
}

}  // namespace vsdump::test
