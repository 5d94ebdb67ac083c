// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/extcap/record_relay.h"

#include <cstring>

namespace vsdump {

namespace {

constexpr std::size_t kFileHeaderBytes = 24;
constexpr std::size_t kRecordHeaderBytes = 16;
constexpr std::uint32_t kNanosecondMagic = 0xA1B23C4D;
constexpr std::uint32_t kRelayedLinkType = 271;
constexpr std::uint32_t kLongestRecord = 1U << 24;  ///< far above any that vsdump writes

/// vsdump writes in its machine's byte order; only that of this one is taken.
std::uint32_t wordAt(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

tl::unexpected<Error> noCapture(std::string reason) {
  return tl::unexpected(Error{.kind = ErrorKind::BadInput,
                              .attempted = "take what the capturing vsdump writes",
                              .reason = std::move(reason)});
}

}  // namespace

Result<void> RecordRelay::take(std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  kept_.insert(kept_.end(), bytes.begin(), bytes.end());
  std::span<const std::byte> rest = kept_;
  if (!hasHeader_) {
    if (rest.size() < kFileHeaderBytes) return {};
    if (wordAt(rest, 0) != kNanosecondMagic) {
      return noCapture("it is no pcap file with nanoseconds in this machine's byte order");
    }
    if ((wordAt(rest, 20) & 0xFFFF) != kRelayedLinkType)
      return noCapture("it has no packets of vsock");
    out.insert(out.end(), rest.begin(), rest.begin() + kFileHeaderBytes);
    rest = rest.subspan(kFileHeaderBytes);
    hasHeader_ = true;
  }
  while (rest.size() >= kRecordHeaderBytes) {
    if (wordAt(rest, 8) > kLongestRecord) return noCapture("a packet is longer than any can be");
    const std::size_t taken = takeRecord(rest, out);
    if (taken == 0) break;
    rest = rest.subspan(taken);
  }
  kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return {};
}

/// Returns the record's length, or 0 where it is not whole yet.
std::size_t RecordRelay::takeRecord(std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  const std::size_t whole = kRecordHeaderBytes + wordAt(bytes, 8);
  if (bytes.size() < whole) return 0;
  ++packets_;
  const Frame frame{
      .bytes = bytes.subspan(kRecordHeaderBytes, whole - kRecordHeaderBytes),
      .timestampNs = std::int64_t{wordAt(bytes, 0)} * 1'000'000'000 + wordAt(bytes, 4),
      .number = FrameNumber{packets_},
      .wireLengthBytes = wordAt(bytes, 12)};
  bytes_ += frame.wireLengthBytes;
  if (!filter_.matches(frame)) return whole;
  ++handedOn_;
  out.insert(out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole));
  return whole;
}

}  // namespace vsdump
