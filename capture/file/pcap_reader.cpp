// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcap_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <optional>
#include <utility>

#include "capture/file/link_type.h"
#include "capture/file/pcap_format.h"

namespace vsdump {

namespace {

/// One row for each magic number that begins a pcap file.
struct Dialect {
  std::uint32_t magic;
  std::uint32_t nsPerFraction;
  std::uint32_t recordHeaderSize;
};

constexpr std::array kDialects = {
    Dialect{.magic = pcap::kMicrosecondMagic,
            .nsPerFraction = 1000,
            .recordHeaderSize = pcap::kRecordHeaderSize},
    Dialect{.magic = pcap::kNanosecondMagic,
            .nsPerFraction = 1,
            .recordHeaderSize = pcap::kRecordHeaderSize},
    Dialect{.magic = pcap::kModifiedMagic,
            .nsPerFraction = 1000,
            .recordHeaderSize = pcap::kModifiedRecordHeaderSize},
};

struct KnownDialect {
  Dialect dialect;
  ByteOrder order;
};

std::optional<KnownDialect> findDialect(std::span<const std::byte> start) {
  for (const ByteOrder order : {ByteOrder{.swapped = false}, ByteOrder{.swapped = true}}) {
    const std::uint32_t magic = order.u32(start.data());
    for (const Dialect& dialect : kDialects) {
      if (dialect.magic == magic) return KnownDialect{.dialect = dialect, .order = order};
    }
  }
  return std::nullopt;
}

Error badHeader(std::string name, std::string reason) {
  return Error{.kind = ErrorKind::BadInput,
               .attempted = "read",
               .subject = std::move(name),
               .reason = std::move(reason)};
}

}  // namespace

bool PcapReader::recognises(std::span<const std::byte> start) {
  return findDialect(start).has_value();
}

Result<std::unique_ptr<PacketSource>> PcapReader::open(InputBuffer input, std::string name) {
  auto problem = input.fillTo(pcap::kFileHeaderSize, name);
  if (!problem) return tl::unexpected(std::move(problem.error()));
  const auto header = input.bytes();
  if (header.size() < pcap::kFileHeaderSize) {
    if (!problem->empty()) return tl::unexpected(badHeader(std::move(name), std::move(*problem)));
    return tl::unexpected(badHeader(
        std::move(name), fmt::format("cut short in the pcap file header: {} of {} bytes are there",
                                     header.size(), pcap::kFileHeaderSize)));
  }
  const auto known = findDialect(header);
  const ByteOrder order = known->order;
  const std::uint16_t major = order.u16(header.data() + 4);
  const std::uint16_t minor = order.u16(header.data() + 6);
  const std::uint32_t snapshotLength = order.u32(header.data() + 16);
  // The upper half tells of the frame check sequence, which vsock has none of.
  const auto linkType = static_cast<std::uint16_t>(order.u32(header.data() + 20));

  // DG/UX's tcpdump wrote 543.0 and meant 2.2.
  const bool isDgux = major == 543 && minor == 0;
  if (!isDgux && !(major == 2 && minor <= 4)) {
    return tl::unexpected(badHeader(
        std::move(name), fmt::format("its pcap version is {}.{}, not 2.4", major, minor)));
  }
  if (linkType != kLinkTypeVsock) return tl::unexpected(wrongLinkType(std::move(name), linkType));

  std::unique_ptr<PcapReader> reader(new PcapReader(std::move(input), std::move(name)));
  reader->input_.consume(pcap::kFileHeaderSize);
  reader->order_ = order;
  reader->nsPerFraction_ = known->dialect.nsPerFraction;
  reader->recordHeaderSize_ = known->dialect.recordHeaderSize;
  if (isDgux || minor < 3) {
    reader->lengthOrder_ = LengthOrder::WireFirst;
  } else if (minor == 3) {
    reader->lengthOrder_ = LengthOrder::SmallerIsCaptured;
  }
  const bool isLimit = snapshotLength > 0 && snapshotLength <= INT_MAX;
  reader->interfaces_.push_back(
      {.linkType = linkType,
       .snapshotLength = isLimit ? snapshotLength : kDefaultSnapshotLength,
       .nanoseconds = known->dialect.nsPerFraction == 1});
  return reader;
}

RecordReader::Stop PcapReader::walk() {
  const auto bytes = input_.bytes();
  const std::byte* record = bytes.data();
  const std::byte* const end = record + bytes.size();
  Stop stop{.wanted = recordHeaderSize_};
  while (static_cast<std::size_t>(end - record) >= recordHeaderSize_) {
    const std::uint32_t seconds = order_.u32(record);
    const std::uint32_t fraction = order_.u32(record + 4);
    std::uint32_t captured = order_.u32(record + 8);
    std::uint32_t onWire = order_.u32(record + 12);
    if (lengthOrder_ != LengthOrder::CapturedFirst &&
        (lengthOrder_ == LengthOrder::WireFirst || captured > onWire)) {
      std::swap(captured, onWire);
    }
    if (captured > kMaxCapturedLength) {
      // Finding the next real record after this one is what would go here.
      stop.problem =
          fmt::format("packet {} claims {} captured bytes, and no packet can have more than {}",
                      packetRecords_ + 1, captured, kMaxCapturedLength);
      break;
    }
    const std::size_t size = recordHeaderSize_ + captured;
    if (static_cast<std::size_t>(end - record) < size) {
      stop.wanted = size;
      break;
    }
    // Cannot overflow: 2^32 seconds and 2^32 fractions are far from 2^63 nanoseconds.
    const std::int64_t timestampNs = static_cast<std::int64_t>(seconds) * 1'000'000'000 +
                                     static_cast<std::int64_t>(fraction) * nsPerFraction_;
    frames_.push_back({.bytes = {record + recordHeaderSize_, captured},
                       .timestampNs = timestampNs,
                       .number = FrameNumber{++packetRecords_},
                       .wireLengthBytes = onWire,
                       .interfaceIndex = 0});
    record += size;
  }
  input_.consume(static_cast<std::size_t>(record - bytes.data()));
  return stop;
}

std::uint32_t PcapReader::capturedLength(const std::byte* record) const {
  const std::uint32_t first = order_.u32(record + 8);
  const std::uint32_t second = order_.u32(record + 12);
  switch (lengthOrder_) {
    case LengthOrder::WireFirst:
      return second;
    case LengthOrder::SmallerIsCaptured:
      return std::min(first, second);
    case LengthOrder::CapturedFirst:
      break;
  }
  return first;
}

std::string PcapReader::describeCut(std::span<const std::byte> rest) const {
  if (rest.size() < recordHeaderSize_) {
    return fmt::format("cut short in the middle of a packet header: {} of {} bytes are there",
                       rest.size(), recordHeaderSize_);
  }
  return fmt::format("cut short in the middle of a packet: {} of {} bytes are there",
                     rest.size() - recordHeaderSize_, capturedLength(rest.data()));
}

}  // namespace vsdump
