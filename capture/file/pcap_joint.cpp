// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcap_joint.h"

#include <algorithm>

#include "capture/file/likeness.h"
#include "capture/file/link_type.h"

namespace vsdump::pcap {

namespace {

using Bytes = std::span<const std::byte>;

/// Behind so many bytes from a place in a packet that packet has ended.
constexpr std::size_t kBeyondPacket = kMaxCapturedLength + kModifiedRecordHeaderSize;

}  // namespace

std::optional<Dialect> vsockFileHeader(Bytes bytes) {
  if (bytes.size() < kFileHeaderSize || !hasMagic(bytes)) return std::nullopt;
  const auto dialect = parseFileHeader(bytes.first<kFileHeaderSize>());
  if (!dialect || dialect->linkType != kLinkTypeVsock) return std::nullopt;
  return *dialect;
}

std::optional<std::size_t> fileStart(Bytes bytes) {
  const auto dialect = vsockFileHeader(bytes);
  if (!dialect) return std::nullopt;
  const std::size_t content = kFileHeaderSize + dialect->recordHeaderSize;
  if (bytes.size() <= content || !vsockLikeness(bytes.subspan(content)).isHeader()) {
    return std::nullopt;
  }
  return content + dialect->headerAt(bytes.data() + kFileHeaderSize).captured;
}

Chain followRecords(Bytes bytes, const Dialect& dialect, Ahead ahead) {
  constexpr std::uint32_t kMicrosecondLimit = 1'000'000;
  Chain chain{.dialect = dialect};
  PcapRecogniser::Seconds before;
  while (chain.end < kBeyondPacket) {
    const Bytes rest = bytes.subspan(std::min(chain.end, bytes.size()));
    if (rest.size() < kFileStartSize && ahead != Ahead::Nothing) {
      chain.wanted = chain.end + kFileStartSize;
      return chain;
    }
    if (const auto joined = vsockFileHeader(rest)) {
      chain.dialect = *joined;
      chain.end += kFileHeaderSize;
      before.reset();
      continue;
    }
    if (rest.size() < chain.dialect.recordHeaderSize) break;
    const RecordHeader header = chain.dialect.headerAt(rest.data());
    if (!PcapRecogniser(chain.dialect).isUsual(header, before.value_or(header.seconds))) {
      return chain;
    }
    before = header.seconds;
    chain.inMicro = header.fraction < kMicrosecondLimit ? chain.inMicro + 1 : 0;
    chain.end += chain.dialect.recordHeaderSize + header.captured;
  }
  chain.leadsOn = true;
  return chain;
}

Joint judgeJoint(Bytes bytes, const Dialect& outer, PcapRecogniser::Seconds before, Ahead ahead) {
  constexpr std::size_t kNotByChance = 4;
  const Chain chain = followRecords(bytes, outer, ahead);
  if (chain.wanted > 0) return {.wanted = chain.wanted};
  if (chain.leadsOn) {
    // Only the fractions of a second tell records of microseconds from those of nanoseconds.
    const bool onlyUnitsDiffer = chain.dialect.order.swapped == outer.order.swapped &&
                                 chain.dialect.recordHeaderSize == outer.recordHeaderSize &&
                                 chain.dialect.nsPerFraction < outer.nsPerFraction;
    return {.isInPacket = onlyUnitsDiffer && chain.inMicro >= kNotByChance, .end = chain.end};
  }
  if (bytes.size() < 2 * kBeyondPacket && ahead != Ahead::Nothing) {
    return {.wanted = 2 * kBeyondPacket};
  }
  const PcapRecogniser recogniser(outer);
  const std::size_t end = std::min(bytes.size(), kBeyondPacket);
  for (std::size_t at = chain.end; at < end; ++at) {
    const auto judgement = recogniser.recognise(bytes.subspan(at), before, Ahead::Nothing);
    if (judgement.verdict == PcapRecogniser::Verdict::Record)
      return {.isInPacket = true, .end = at};
  }
  return {};
}

}  // namespace vsdump::pcap
