// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/timestamp.h"

#include <ctime>

namespace vsdump {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kNsPerMicrosecond = 1000;

struct SplitTime {
  std::int64_t seconds;     // rounded towards minus infinity
  std::int64_t fractionNs;  // 0 to 999999999
};

SplitTime split(std::int64_t timestampNs) {
  std::int64_t seconds = timestampNs / kNsPerSecond;
  std::int64_t fraction = timestampNs % kNsPerSecond;
  if (fraction < 0) {
    fraction += kNsPerSecond;
    --seconds;
  }
  return {seconds, fraction};
}

void putTimeOfDay(LineBuffer& out, std::int64_t hours, std::int64_t minutes, std::int64_t seconds) {
  out.putDecimal(static_cast<std::uint64_t>(hours), 2, '0');
  out.put(':');
  out.putDecimal(static_cast<std::uint64_t>(minutes), 2, '0');
  out.put(':');
  out.putDecimal(static_cast<std::uint64_t>(seconds), 2, '0');
}

void putDate(LineBuffer& out, const std::tm& local) {
  out.putDecimal(static_cast<std::uint64_t>(local.tm_year) + 1900, 4, '0');
  out.put('-');
  out.putDecimal(static_cast<std::uint64_t>(local.tm_mon) + 1, 2, '0');
  out.put('-');
  out.putDecimal(static_cast<std::uint64_t>(local.tm_mday), 2, '0');
  out.put(' ');
}

}  // namespace

void TimestampWriter::write(LineBuffer& out, std::int64_t timestampNs) {
  switch (style_) {
    case TimestampStyle::TimeOfDay:
      return writeLocal(out, timestampNs, false);
    case TimestampStyle::DateAndTime:
      return writeLocal(out, timestampNs, true);
    case TimestampStyle::None:
      return;
    case TimestampStyle::Epoch: {
      const SplitTime time = split(timestampNs);
      out.putSigned(time.seconds);
      writeFraction(out, time.fractionNs);
      out.put(' ');
      return;
    }
    case TimestampStyle::SincePrevious:
      timestampNs = asShown(timestampNs);
      writeDifference(out, timestampNs, referenceNs_.value_or(timestampNs));
      referenceNs_ = timestampNs;
      return;
    case TimestampStyle::SinceFirst:
      timestampNs = asShown(timestampNs);
      if (!referenceNs_) referenceNs_ = timestampNs;
      return writeDifference(out, timestampNs, *referenceNs_);
  }
}

void TimestampWriter::goOnBehind(std::int64_t firstNs, std::int64_t previousNs) {
  referenceNs_ = asShown(style_ == TimestampStyle::SinceFirst ? firstNs : previousNs);
}

/// Differences are those of the times as they are shown: first cut, then subtracted.
std::int64_t TimestampWriter::asShown(std::int64_t timestampNs) const {
  if (fractionDigits_ == 9) return timestampNs;
  return timestampNs - split(timestampNs).fractionNs % kNsPerMicrosecond;
}

void TimestampWriter::writeLocal(LineBuffer& out, std::int64_t timestampNs, bool withDate) {
  const SplitTime time = split(timestampNs);
  if (cachedSecond_ != time.seconds) {
    const std::time_t seconds = time.seconds;
    std::tm local{};
    localtime_r(&seconds, &local);
    cachedText_.clear();
    if (withDate) putDate(cachedText_, local);
    putTimeOfDay(cachedText_, local.tm_hour, local.tm_min, local.tm_sec);
    cachedSecond_ = time.seconds;
  }
  out.put(cachedText_.text());
  writeFraction(out, time.fractionNs);
  out.put(' ');
}

void TimestampWriter::writeFraction(LineBuffer& out, std::int64_t fractionNs) const {
  const auto ns = static_cast<std::uint64_t>(fractionNs);
  const auto digits = static_cast<std::size_t>(fractionDigits_);
  char* to = out.room(1 + 9);
  *to++ = '.';
  to = writeTwoDigits(to, ns / 10'000'000);
  to = writeTwoDigits(to, ns / 100'000 % 100);
  to = writeTwoDigits(to, ns / 1000 % 100);
  if (digits == 9) {
    *to++ = static_cast<char>('0' + ns / 100 % 10);
    writeTwoDigits(to, ns % 100);
  }
  out.advance(digits + 1);
}

void TimestampWriter::writeDifference(LineBuffer& out, std::int64_t timestampNs,
                                      std::int64_t referenceNs) const {
  // Times come from files, so the difference of two of them may not fit; wrapping is harmless.
  const bool isNegative = timestampNs < referenceNs;
  const auto later = static_cast<std::uint64_t>(isNegative ? referenceNs : timestampNs);
  const auto earlier = static_cast<std::uint64_t>(isNegative ? timestampNs : referenceNs);
  const std::uint64_t difference = later - earlier;
  const auto seconds = static_cast<std::int64_t>(difference / kNsPerSecond);
  out.put(isNegative ? '-' : ' ');
  putTimeOfDay(out, seconds / 3600, seconds / 60 % 60, seconds % 60);
  writeFraction(out, static_cast<std::int64_t>(difference % kNsPerSecond));
  out.put(' ');
}

void putEpochSeconds(LineBuffer& out, std::int64_t timestampNs) {
  const bool isNegative = timestampNs < 0;
  const std::uint64_t magnitude = isNegative
                                      ? std::uint64_t{0} - static_cast<std::uint64_t>(timestampNs)
                                      : static_cast<std::uint64_t>(timestampNs);
  if (isNegative) out.put('-');
  out.putDecimal(magnitude / kNsPerSecond);
  out.put('.');
  out.putDecimal(magnitude % kNsPerSecond, 9, '0');
}

}  // namespace vsdump
