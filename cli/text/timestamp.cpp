// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/timestamp.h"

#include <cstdlib>
#include <cstring>
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

/// At least two digits.
char* writeTwoOrMore(char* to, std::int64_t value) {
  if (value < 10) *to++ = '0';
  return writeDecimal(to, static_cast<std::uint64_t>(value));
}

char* writeTimeOfDay(char* to, std::int64_t hours, std::int64_t minutes, std::int64_t seconds) {
  to = writeTwoOrMore(to, hours);
  *to++ = ':';
  to = writeTwoOrMore(to, minutes);
  *to++ = ':';
  return writeTwoOrMore(to, seconds);
}

char* writeDate(char* to, const std::tm& local) {
  const auto year = static_cast<std::uint64_t>(local.tm_year) + 1900;
  for (std::uint64_t least = 1000; least > 1 && year < least; least /= 10) *to++ = '0';
  to = writeDecimal(to, year);
  *to++ = '-';
  to = writeTwoOrMore(to, local.tm_mon + 1);
  *to++ = '-';
  to = writeTwoOrMore(to, local.tm_mday);
  *to++ = ' ';
  return to;
}

}  // namespace

char* TimestampWriter::write(char* to, std::int64_t timestampNs) {
  switch (style_) {
    case TimestampStyle::TimeOfDay:
    case TimestampStyle::DateAndTime:
      return writeLocal(to, timestampNs);
    case TimestampStyle::None:
      return to;
    case TimestampStyle::Epoch: {
      const SplitTime time = split(timestampNs);
      if (time.seconds < 0) *to++ = '-';
      to = writeDecimal(to, static_cast<std::uint64_t>(std::abs(time.seconds)));
      return writeFraction(to, time.fractionNs);
    }
    case TimestampStyle::SincePrevious:
      timestampNs = asShown(timestampNs);
      to = writeDifference(to, timestampNs, referenceNs_.value_or(timestampNs));
      referenceNs_ = timestampNs;
      return to;
    case TimestampStyle::SinceFirst:
      timestampNs = asShown(timestampNs);
      if (!referenceNs_) referenceNs_ = timestampNs;
      return writeDifference(to, timestampNs, *referenceNs_);
  }
  return to;
}

void TimestampWriter::goOnBehind(std::int64_t firstNs, std::int64_t previousNs) {
  referenceNs_ = asShown(style_ == TimestampStyle::SinceFirst ? firstNs : previousNs);
}

/// Differences are those of the times as they are shown: first cut, then subtracted.
std::int64_t TimestampWriter::asShown(std::int64_t timestampNs) const {
  if (fractionDigits_ == 9) return timestampNs;
  return timestampNs - split(timestampNs).fractionNs % kNsPerMicrosecond;
}

char* TimestampWriter::writeLocal(char* to, std::int64_t timestampNs) {
  const SplitTime time = split(timestampNs);
  if (cachedSecond_ != time.seconds) [[unlikely]] {
    const std::time_t seconds = time.seconds;
    std::tm local{};
    localtime_r(&seconds, &local);
    char* end = cachedText_.data();
    if (style_ == TimestampStyle::DateAndTime) end = writeDate(end, local);
    end = writeTimeOfDay(end, local.tm_hour, local.tm_min, local.tm_sec);
    cachedSize_ = static_cast<std::size_t>(end - cachedText_.data());
    cachedSecond_ = time.seconds;
  }
  // A copy of a known size is a store; what is too much of it is written over.
  std::memcpy(to, cachedText_.data(), cachedText_.size());
  return writeFraction(to + cachedSize_, time.fractionNs);
}

/// With the blank that follows.
char* TimestampWriter::writeFraction(char* to, std::int64_t fractionNs) const {
  const auto ns = static_cast<std::uint32_t>(fractionNs);
  *to++ = '.';
  to = writeTwoDigits(to, ns / 10'000'000);
  to = writeTwoDigits(to, ns / 100'000 % 100);
  to = writeTwoDigits(to, ns / 1000 % 100);
  if (fractionDigits_ == 9) {
    *to++ = static_cast<char>('0' + ns / 100 % 10);
    to = writeTwoDigits(to, ns % 100);
  }
  *to++ = ' ';
  return to;
}

char* TimestampWriter::writeDifference(char* to, std::int64_t timestampNs,
                                       std::int64_t referenceNs) const {
  // Times come from files, so the difference of two of them may not fit; wrapping is harmless.
  const bool isNegative = timestampNs < referenceNs;
  const auto later = static_cast<std::uint64_t>(isNegative ? referenceNs : timestampNs);
  const auto earlier = static_cast<std::uint64_t>(isNegative ? timestampNs : referenceNs);
  const std::uint64_t difference = later - earlier;
  const auto seconds = static_cast<std::int64_t>(difference / kNsPerSecond);
  *to++ = isNegative ? '-' : ' ';
  to = writeTimeOfDay(to, seconds / 3600, seconds / 60 % 60, seconds % 60);
  return writeFraction(to, static_cast<std::int64_t>(difference % kNsPerSecond));
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
