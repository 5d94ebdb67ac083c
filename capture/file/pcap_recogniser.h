// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "capture/file/pcap_format.h"
#include "capture/file/record_reader.h"

namespace vsdump {

/// Tells records of a pcap file from other bytes. Nothing in the format does, so it looks at
/// whether the lengths and the time fit, and where they do not, at the vsock headers behind them
/// and at what follows.
class PcapRecogniser {
 public:
  using Bytes = std::span<const std::byte>;
  using Seconds = std::optional<std::uint32_t>;

  enum class Verdict {
    Record,    ///< a record begins here
    NoRecord,  ///< none does
    NeedMore,  ///< it takes `wanted` bytes to tell
    Unknown,   ///< it cannot be told with what is there
  };
  struct Judgement {
    Verdict verdict = Verdict::Unknown;
    pcap::RecordHeader header{};
    bool isRepaired = false;    ///< header.captured is not what the file has
    bool hasStrayTime = false;  ///< header.seconds may be damaged: nothing is to be measured by it
    bool isOutOfTime = false;   ///< NoRecord, but for its time it would be one
    std::size_t wanted = 0;
  };

  explicit PcapRecogniser(const pcap::Dialect& dialect) : dialect_(dialect) {}

  pcap::RecordHeader headerAt(const std::byte* record) const { return dialect_.headerAt(record); }

  /// Whether nothing is odd about a record's header that comes behind a packet of this time.
  /// Without a time to compare with, only the packet itself tells.
  bool isUsual(const pcap::RecordHeader& header, Seconds before) const {
    return lengthsFit(header) && isNear(header, before);
  }

  /// Whether seconds since 1970 are rather one of the small numbers that headers are full of.
  static bool isSmall(std::uint32_t seconds) {
    constexpr std::uint32_t kYear = 365 * 24 * 60 * 60;
    return seconds < kYear;
  }

  /// Judges the front of `bytes`, where a record is expected. Odd ones count, as long as nothing
  /// speaks for a damage. `before` is the time of the packet before it.
  Judgement judge(Bytes bytes, Seconds before, Ahead ahead) const {
    if (bytes.size() < dialect_.recordHeaderSize) {
      const bool mayGrow = ahead == Ahead::Unknown;
      return {.verdict = mayGrow ? Verdict::NeedMore : Verdict::Unknown,
              .wanted = dialect_.recordHeaderSize};
    }
    const pcap::RecordHeader header = dialect_.headerAt(bytes.data());
    if (isUsual(header, before)) return {.verdict = Verdict::Record, .header = header};
    const Judgement odd = judgeOdd(bytes, header, before, ahead);
    return odd.verdict == Verdict::Record ? withTime(odd, bytes, before, ahead) : odd;
  }

  /// Whether neither a record's header nor its content says that its lengths are wrong.
  bool isCredible(Bytes record, const pcap::RecordHeader& header) const;

  /// Judges any place in a file: only what is a vsock packet for certain counts.
  Judgement recognise(Bytes bytes, Seconds before, Ahead ahead) const;

  /// The header of the record in `bytes` with the captured length that it must have had, when all
  /// else agrees on one and a record follows there. `before` is the time of the packet before it.
  std::optional<pcap::RecordHeader> repaired(Bytes bytes, pcap::RecordHeader header, Seconds before,
                                             Ahead ahead) const;

  /// Which records inside of another speak against that one.
  enum class Inside {
    Any,
    Across,  ///< those that end behind it, where another follows: what is wholly inside is payload
  };

  /// Judges each place in the first `size` bytes but the front as recognise() does, up to the first
  /// that begins such a record or needs more than is there to tell (`wanted` counts from the
  /// front).
  Judgement recordInside(Bytes bytes, std::size_t size, std::uint32_t before, Ahead ahead,
                         Inside which) const;

 private:
  /// Whether the record is of about the same time as the packet before it.
  static bool isNear(const pcap::RecordHeader& header, Seconds before) {
    constexpr std::uint32_t kDay = 24 * 60 * 60;
    // Within a day either way, with one comparison.
    return before && header.seconds - *before + kDay <= 2 * kDay;
  }

  std::uint32_t fractionLimit() const { return 1'000'000'000 / dialect_.nsPerFraction; }

  bool lengthsFit(const pcap::RecordHeader& header) const {
    return header.captured <= header.onWire && header.onWire <= kMaxCapturedLength &&
           header.onWire > 0 && header.fraction < fractionLimit();
  }

  bool isEmpty(const pcap::RecordHeader& header) const {
    return header.captured == 0 && header.onWire == 0 && header.fraction < fractionLimit();
  }

  /// Zeros do not lead on to zeros.
  bool isPossible(const pcap::RecordHeader& header, Seconds before) const {
    return header.captured <= kMaxCapturedLength && (header.captured > 0 || header.onWire > 0 ||
                                                     (isEmpty(header) && isNear(header, before)));
  }

  Judgement judgeOdd(Bytes bytes, const pcap::RecordHeader& header, Seconds before,
                     Ahead ahead) const;
  Judgement judgeByOthers(Bytes bytes, const pcap::RecordHeader& header, Seconds before,
                          Ahead ahead) const;
  bool isStray(Bytes bytes, const pcap::RecordHeader& header, Seconds before) const;
  std::optional<Judgement> judgeRepaired(Bytes bytes, const pcap::RecordHeader& header,
                                         Seconds before, Ahead ahead) const;
  Verdict followedByRecord(Bytes bytes, std::uint32_t captured, std::uint32_t seconds,
                           Ahead ahead) const;
  Judgement judgeLike(Bytes bytes, const pcap::RecordHeader& header, Seconds before,
                      Ahead ahead) const;
  Judgement judgeShort(Bytes bytes, pcap::RecordHeader header, Seconds before, Ahead ahead) const;
  std::size_t nextRecord(Bytes bytes, std::size_t at, std::size_t end) const;
  Judgement withTime(Judgement record, Bytes bytes, Seconds before, Ahead ahead) const;
  Judgement leadsOn(Bytes bytes, pcap::RecordHeader header, Ahead ahead) const;
  bool hasFittingTime(Bytes bytes, const pcap::RecordHeader& header, Seconds before) const;
  Bytes contentOf(Bytes bytes, std::uint32_t captured) const;

  pcap::Dialect dialect_;
};

}  // namespace vsdump
