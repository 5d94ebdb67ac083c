// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcap_recogniser.h"

#include <algorithm>
#include <bit>

#include "capture/file/likeness.h"
#include "capture/file/places.h"

namespace vsdump {

PcapRecogniser::Bytes PcapRecogniser::contentOf(Bytes bytes, std::uint32_t captured) const {
  const Bytes content = bytes.subspan(dialect_.recordHeaderSize);
  return content.first(std::min<std::size_t>(content.size(), captured));
}

bool PcapRecogniser::isCredible(Bytes record, const pcap::RecordHeader& header) const {
  if (record.size() < dialect_.recordHeaderSize) return true;
  const Likeness likeness = vsockLikeness(contentOf(record, header.captured));
  return lengthsFit(header) &&
         (!likeness.isBothHeaders() || likeness.expectedLength == header.onWire);
}

PcapRecogniser::Verdict PcapRecogniser::followedByRecord(Bytes bytes, std::uint32_t captured,
                                                         std::uint32_t seconds, Ahead ahead) const {
  const std::size_t size = dialect_.recordHeaderSize + captured;
  if (bytes.size() >= size + dialect_.recordHeaderSize) {
    const Bytes rest = bytes.subspan(size);
    const pcap::RecordHeader next = dialect_.headerAt(rest.data());
    const bool isRecord = pcap::hasMagic(rest) || isUsual(next, seconds) ||
                          vsockLikeness(contentOf(rest, next.captured)).isBothHeaders();
    if (isRecord) return Verdict::Record;
    const bool hasContent = rest.size() >= dialect_.recordHeaderSize + kLikenessBytes;
    if (hasContent || ahead == Ahead::Nothing) return Verdict::NoRecord;
  }
  if (ahead == Ahead::Unknown) return Verdict::NeedMore;
  if (ahead == Ahead::Later) return Verdict::Unknown;
  return bytes.size() == size ? Verdict::Record : Verdict::NoRecord;
}

std::optional<pcap::RecordHeader> PcapRecogniser::repaired(Bytes bytes, pcap::RecordHeader header,
                                                           Seconds before, Ahead ahead) const {
  const Likeness likeness = vsockLikeness(contentOf(bytes, kMaxCapturedLength));
  const std::uint32_t captured = std::min(header.onWire, dialect_.snapshotLength);
  if (!likeness.isBothHeaders() || likeness.expectedLength != header.onWire ||
      header.captured == captured || captured > kMaxCapturedLength) {
    return std::nullopt;
  }
  header.captured = captured;
  if (!lengthsFit(header)) return std::nullopt;
  // What has hit the length may have hit the time as well.
  const std::uint32_t seconds = before.value_or(header.seconds);
  if (followedByRecord(bytes, captured, seconds, ahead) != Verdict::Record) return std::nullopt;
  return header;
}

/// Follows the lengths of the odd record at the front of `bytes`, and of those behind it, which may
/// be as odd: a hostile guest can send any header. Lengths that lead from one header to the next
/// several times over, or to the very end of the file, are not there by chance.
PcapRecogniser::Judgement PcapRecogniser::leadsOn(Bytes bytes, pcap::RecordHeader header,
                                                  Ahead ahead) const {
  constexpr int kMostRecords = 16;
  constexpr int kCertain = 4;
  const std::size_t headerSize = dialect_.recordHeaderSize;
  Judgement judgement{.verdict = Verdict::NoRecord, .header = header};
  std::size_t at = 0;
  int sound = 0;
  for (int records = 0; records < kMostRecords && sound < kCertain; ++records) {
    at += headerSize + header.captured;
    if (bytes.size() < at + headerSize) {
      if (ahead == Ahead::Nothing) {
        if (bytes.size() == at) judgement.verdict = Verdict::Record;
      } else {
        judgement.verdict = ahead == Ahead::Unknown ? Verdict::NeedMore : Verdict::Unknown;
        judgement.wanted = at + headerSize;
      }
      return judgement;
    }
    const Seconds before = header.seconds;
    header = dialect_.headerAt(bytes.data() + at);
    if (pcap::hasMagic(bytes.subspan(at)))
      sound = kCertain;
    else if (!isPossible(header, before))
      return judgement;
    else if (lengthsFit(header))
      ++sound;
  }
  if (sound == kCertain) judgement.verdict = Verdict::Record;
  return judgement;
}

/// Tells whether the time of a record with odd headers is a stray one: far from the one before,
/// with neither the record itself nor those behind it to speak for a clock that was set.
PcapRecogniser::Judgement PcapRecogniser::withTime(Judgement record, Bytes bytes, Seconds before,
                                                   Ahead ahead) const {
  const pcap::RecordHeader& header = record.header;
  if (!before || isUsual(header, before)) return record;
  record.hasStrayTime = true;
  if (!lengthsFit(header)) return record;
  const Likeness likeness = vsockLikeness(contentOf(bytes, header.captured));
  if (likeness.isBothHeaders() && likeness.expectedLength == header.captured) {
    record.hasStrayTime = false;
    return record;
  }
  const std::size_t headerSize = dialect_.recordHeaderSize;
  const std::size_t size = headerSize + header.captured;
  const std::size_t reach = size + headerSize + kLikenessBytes;
  if (bytes.size() < reach && ahead == Ahead::Unknown) {
    return {.verdict = Verdict::NeedMore, .wanted = reach};
  }
  if (bytes.size() < size + headerSize) return record;
  const Bytes rest = bytes.subspan(size);
  const pcap::RecordHeader next = dialect_.headerAt(rest.data());
  if (!isUsual(next, header.seconds)) return record;
  if (vsockLikeness(contentOf(rest, next.captured)).isHeader()) {
    record.hasStrayTime = false;
    return record;
  }
  const Judgement chain = leadsOn(bytes, header, ahead);
  if (chain.verdict == Verdict::NeedMore) return chain;
  record.hasStrayTime = chain.verdict != Verdict::Record;
  return record;
}

PcapRecogniser::Judgement PcapRecogniser::judgeOdd(Bytes bytes, const pcap::RecordHeader& header,
                                                   Seconds before, Ahead ahead) const {
  const std::size_t headerSize = dialect_.recordHeaderSize;
  const std::size_t lookedAt = headerSize + kLikenessBytes;
  if (bytes.size() < lookedAt && ahead == Ahead::Unknown) {
    return {.verdict = Verdict::NeedMore, .wanted = lookedAt};
  }
  Judgement judgement{.verdict = Verdict::NoRecord, .header = header};
  // The first packet of a file that is cut short in it, or in the header behind it.
  const std::size_t size = headerSize + header.captured;
  const std::size_t end = ahead == Ahead::Nothing ? size + headerSize : std::min(lookedAt, size);
  if (!before && lengthsFit(header) && bytes.size() < end) {
    judgement.verdict = bytes.size() < size ? Verdict::Unknown : Verdict::Record;
    return judgement;
  }
  const bool lengthsAgree = header.captured <= header.onWire && header.onWire <= kMaxCapturedLength;
  const Likeness likeness = vsockLikeness(contentOf(bytes, header.captured));
  const bool hasExpectedLength =
      likeness.isBothHeaders() && likeness.expectedLength == header.captured;
  // Its time may be far off, its fraction of a second too large, or its length on the wire wrong.
  if (isPossible(header, before) && (hasExpectedLength || (lengthsAgree && likeness.isHeader()))) {
    judgement.verdict = Verdict::Record;
    return judgement;
  }
  // More captured than there was is told from a writer that does so by where the next one begins.
  if (header.captured > header.onWire) {
    if (const auto repair = judgeRepaired(bytes, header, before, ahead)) return *repair;
  }
  const Judgement led = judgeByOthers(bytes, header, before, ahead);
  if (led.verdict != Verdict::NoRecord) return led;
  return judgeRepaired(bytes, header, before, ahead).value_or(judgement);
}

/// Judges a record with an odd header whose content says nothing: who has written those behind it
/// has also written this one, unless something speaks for a damage.
PcapRecogniser::Judgement PcapRecogniser::judgeByOthers(Bytes bytes,
                                                        const pcap::RecordHeader& header,
                                                        Seconds before, Ahead ahead) const {
  const std::size_t size = dialect_.recordHeaderSize + header.captured;
  Judgement judgement{.verdict = Verdict::NoRecord, .header = header};
  if (!isPossible(header, before)) return judgement;
  const bool isLike = vsockLikeness(contentOf(bytes, header.captured)).isHeader();
  if (before && !lengthsFit(header) && !isLike && !isEmpty(header)) return judgement;
  const std::uint32_t seconds = before.value_or(header.seconds);
  const bool hasNothing = before && header.captured == 0;
  judgement.verdict = followedByRecord(bytes, header.captured, seconds, ahead);
  judgement.wanted = size + dialect_.recordHeaderSize + kLikenessBytes;
  if (judgement.verdict == Verdict::NoRecord) {
    if (!hasNothing)
      judgement = leadsOn(bytes, header, ahead);
    else if (!isSmall(header.seconds))
      judgement.verdict = followedByRecord(bytes, 0, header.seconds, ahead);
  }
  if (judgement.verdict != Verdict::Record) return judgement;
  const bool hasStrayTime = isStray(bytes, header, before);
  if (hasNothing && hasStrayTime) return {.verdict = Verdict::NoRecord};
  const bool isDoubtful = hasStrayTime || !lengthsFit(header);
  const Judgement inside =
      recordInside(bytes, size, seconds, ahead, isDoubtful ? Inside::Any : Inside::Across);
  if (inside.verdict == Verdict::NeedMore) return inside;
  if (inside.verdict == Verdict::Record) judgement.verdict = Verdict::NoRecord;
  return judgement;
}

/// Whether a record is not of the time of those around it, which are of about the same: then it is
/// rather what is left of one that was overwritten, or that bytes were lost or inserted before, and
/// leads up to the next one by chance. Where none is behind it, a small number is no time.
bool PcapRecogniser::isStray(Bytes bytes, const pcap::RecordHeader& header, Seconds before) const {
  if (!before) return false;
  const Bytes rest = bytes.subspan(dialect_.recordHeaderSize + header.captured);
  if (rest.size() < dialect_.recordHeaderSize) return isSmall(header.seconds);
  if (pcap::hasMagic(rest)) return false;
  return isNear(header, before) != isUsual(dialect_.headerAt(rest.data()), before);
}

/// The first place from `at` on where the lengths of a record's header may fit, by the bytes that
/// are zero in both of them and those that are not, or that is too near the end to tell; or `end`.
std::size_t PcapRecogniser::nextRecord(Bytes bytes, std::size_t at, std::size_t end) const {
  static_assert(kMaxCapturedLength >> 24 == 0);
  const bool isLittle = dialect_.order.swapped != (std::endian::native == std::endian::little);
  // From the highest byte of each length down.
  const std::ptrdiff_t highest = isLittle ? 3 : 0;
  const std::ptrdiff_t down = isLittle ? -1 : 1;
  constexpr auto kHighest = static_cast<unsigned char>(kMaxCapturedLength >> 16);
  return nextPlace(bytes, at, end, [=](const std::byte* place) {
    const auto* const one = reinterpret_cast<const unsigned char*>(place) + 8 + highest;
    const auto* const other = one + 4;
    const unsigned low =
        one[down] | one[2 * down] | one[3 * down] | other[down] | other[2 * down] | other[3 * down];
    return ((one[0] | other[0]) == 0) & (one[down] <= kHighest) & (other[down] <= kHighest) &
           (low != 0);
  });
}

PcapRecogniser::Judgement PcapRecogniser::recordInside(Bytes bytes, std::size_t size,
                                                       std::uint32_t before, Ahead ahead,
                                                       Inside which) const {
  const std::size_t headerSize = dialect_.recordHeaderSize;
  const std::size_t least = which == Inside::Across ? size + 1 : 0;
  // What is not there yet is taken to be nothing.
  const Ahead behind = ahead == Ahead::Unknown ? Ahead::Unknown : Ahead::Nothing;
  for (std::size_t at = nextRecord(bytes, 1, size); at < size;
       at = nextRecord(bytes, at + 1, size)) {
    const Bytes rest = bytes.subspan(at);
    if (rest.size() >= headerSize && at + headerSize + headerAt(rest.data()).captured < least) {
      continue;
    }
    Judgement inside = recognise(rest, before, behind);
    const pcap::RecordHeader& header = inside.header;
    if (inside.verdict == Verdict::Record && which == Inside::Across) {
      const Verdict next = followedByRecord(rest, header.captured, header.seconds, ahead);
      inside.verdict = next == Verdict::Unknown ? Verdict::Record : next;
      inside.wanted = 2 * headerSize + header.captured + kLikenessBytes;
    }
    inside.wanted += at;
    if (inside.verdict != Verdict::NoRecord) return inside;
  }
  return {.verdict = Verdict::NoRecord};
}

/// The judgement of a record with a wrong captured length, where that can be repaired or may be.
std::optional<PcapRecogniser::Judgement> PcapRecogniser::judgeRepaired(
    Bytes bytes, const pcap::RecordHeader& header, Seconds before, Ahead ahead) const {
  // The length that a repair relies on says how far it has to look.
  const std::size_t reach = 2 * dialect_.recordHeaderSize + header.onWire + kLikenessBytes;
  if (header.onWire <= kMaxCapturedLength && bytes.size() < reach && ahead == Ahead::Unknown &&
      vsockLikeness(contentOf(bytes, kMaxCapturedLength)).isHeader()) {
    return Judgement{.verdict = Verdict::NeedMore, .wanted = reach};
  }
  if (const auto repair = repaired(bytes, header, before, ahead)) {
    return Judgement{.verdict = Verdict::Record, .header = *repair, .isRepaired = true};
  }
  return std::nullopt;
}

/// Whether the time of the record in `bytes` fits to those around it. Where bytes of its header are
/// missing, the rest of it is shifted into place by those before: all but the time is right then.
bool PcapRecogniser::hasFittingTime(Bytes bytes, const pcap::RecordHeader& header,
                                    Seconds before) const {
  constexpr std::uint32_t kSoon = 10;  // seconds; captures step back, but go on from there
  const bool isAfter = !before || (header.seconds >= *before && isUsual(header, before));
  const std::size_t size = dialect_.recordHeaderSize + header.captured;
  if (bytes.size() < size + dialect_.recordHeaderSize) return isAfter;
  const pcap::RecordHeader next = dialect_.headerAt(bytes.data() + size);
  if (!lengthsFit(next)) return isAfter;
  if (!before) return isUsual(next, header.seconds) && next.seconds >= header.seconds;
  const bool isSoon = next.seconds >= header.seconds && next.seconds - header.seconds <= kSoon;
  return isSoon || (isAfter && next.seconds >= header.seconds);
}

/// Judges a record that looks like one, which is not enough to be certain: by another one in the
/// right place that looks so, or leads on to others, and by the times of the two.
PcapRecogniser::Judgement PcapRecogniser::judgeLike(Bytes bytes, const pcap::RecordHeader& header,
                                                    Seconds before, Ahead ahead) const {
  const std::size_t headerSize = dialect_.recordHeaderSize;
  Judgement judgement{.verdict = followedByRecord(bytes, header.captured, header.seconds, ahead),
                      .header = header,
                      .wanted = 2 * headerSize + header.captured + kLikenessBytes};
  if (judgement.verdict != Verdict::Record) return judgement;
  const bool isNear = isUsual(header, before.value_or(header.seconds));
  const Bytes rest = bytes.subspan(headerSize + header.captured);
  if (rest.empty() || (rest.size() >= 4 && pcap::hasMagic(rest))) {
    if (!isNear) judgement.verdict = Verdict::NoRecord;
    return judgement;
  }
  if (bytes.size() < judgement.wanted && ahead != Ahead::Nothing) {
    judgement.verdict = Verdict::NeedMore;
    return judgement;
  }
  const pcap::RecordHeader next = dialect_.headerAt(rest.data());
  if (vsockLikeness(contentOf(rest, next.captured)).isHeader()) {
    if (!hasFittingTime(bytes, header, before)) judgement.verdict = Verdict::NoRecord;
  } else {
    const Judgement chain = leadsOn(rest, next, ahead);
    judgement.verdict = isNear ? chain.verdict : Verdict::NoRecord;
    judgement.wanted = headerSize + header.captured + chain.wanted;
  }
  return judgement;
}

/// Judges a record of too few bytes to look like one: only the lengths and times of several in turn
/// tell, or that they lead to the very end.
PcapRecogniser::Judgement PcapRecogniser::judgeShort(Bytes bytes, pcap::RecordHeader header,
                                                     Seconds before, Ahead ahead) const {
  constexpr int kCertain = 4;
  const std::size_t headerSize = dialect_.recordHeaderSize;
  Judgement judgement{.verdict = Verdict::NoRecord, .header = header};
  std::size_t at = 0;
  const bool isFirst =
      !before;  // with no time to compare with, one that leads to the end is chance
  if (isFirst) {
    if (isSmall(header.seconds)) return judgement;
    before = header.seconds;
  }
  if (!hasFittingTime(bytes, header, before)) return judgement;
  for (int records = 0; records < kCertain; ++records) {
    if (!isUsual(header, before)) return judgement;
    at += headerSize + header.captured;
    if (bytes.size() < at + headerSize) {
      if (ahead != Ahead::Nothing) judgement.verdict = Verdict::NeedMore;
      const bool isAtEnd = ahead == Ahead::Nothing && bytes.size() == at;
      if (isAtEnd && !isFirst) judgement.verdict = Verdict::Record;
      judgement.wanted = at + headerSize;
      return judgement;
    }
    before = header.seconds;
    header = dialect_.headerAt(bytes.data() + at);
  }
  judgement.verdict = Verdict::Record;
  return judgement;
}

PcapRecogniser::Judgement PcapRecogniser::recognise(Bytes bytes, Seconds before,
                                                    Ahead ahead) const {
  const std::size_t headerSize = dialect_.recordHeaderSize;
  const auto lacking = [&](std::size_t wanted) {
    return Judgement{.verdict = ahead == Ahead::Nothing ? Verdict::NoRecord : Verdict::NeedMore,
                     .wanted = wanted};
  };
  if (bytes.size() < headerSize) return lacking(headerSize);
  Judgement judgement{.verdict = Verdict::NoRecord, .header = dialect_.headerAt(bytes.data())};
  const pcap::RecordHeader& header = judgement.header;
  if (!lengthsFit(header)) return judgement;
  if (header.captured < kSmallestRecognised) return judgeShort(bytes, header, before, ahead);
  const std::size_t lookedAt = headerSize + std::min<std::size_t>(header.captured, kLikenessBytes);
  if (bytes.size() < lookedAt) return lacking(lookedAt);
  const Likeness likeness = vsockLikeness(contentOf(bytes, header.captured));
  if (likeness.isBothHeaders()) {
    const std::size_t reach = 2 * headerSize + header.captured;
    if (bytes.size() < reach && ahead != Ahead::Nothing) return lacking(reach);
    if (likeness.expectedLength > header.onWire) return judgement;
    judgement.isOutOfTime = !hasFittingTime(bytes, header, before);
    if (!judgement.isOutOfTime) judgement.verdict = Verdict::Record;
  } else if (likeness.isHeader()) {
    judgement = judgeLike(bytes, header, before, ahead);
    if (judgement.verdict == Verdict::Unknown) judgement.verdict = Verdict::NeedMore;
  }
  return judgement;
}

}  // namespace vsdump
