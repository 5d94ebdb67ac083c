// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "cli/options/options.h"
#include "cli/text/line_buffer.h"

namespace vsdump {

/// Writes the times of packets in one of tcpdump's styles, with the blank that follows them.
///
/// Local time is worked out once per second of the capture, not once per packet.
class TimestampWriter {
 public:
  TimestampWriter(TimestampStyle style, bool nanoseconds)
      : style_(style), fractionDigits_(nanoseconds ? 9 : 6) {}

  /// What write() takes at most.
  static constexpr std::size_t kLongest = 64;

  /// Writes a time and returns its end. `to` has room for kLongest characters.
  char* write(char* to, std::int64_t timestampNs);
  void write(LineBuffer& out, std::int64_t timestampNs) {
    out.advanceTo(write(out.room(kLongest), timestampNs));
  }

  /// Goes on behind packets that others have written: what times are relative to.
  void goOnBehind(std::int64_t firstNs, std::int64_t previousNs);

 private:
  std::int64_t asShown(std::int64_t timestampNs) const;
  char* writeLocal(char* to, std::int64_t timestampNs);
  char* writeFraction(char* to, std::int64_t fractionNs) const;
  char* writeDifference(char* to, std::int64_t timestampNs, std::int64_t referenceNs) const;

  TimestampStyle style_;
  int fractionDigits_;
  std::optional<std::int64_t> referenceNs_;  // the previous or the first packet, by style
  std::optional<std::int64_t> cachedSecond_;
  std::array<char, 32> cachedText_{};  // of that second
  std::size_t cachedSize_ = 0;
};

/// Seconds since 1970 with nine decimals, as JSON output has them: "1732277000.123456789".
void putEpochSeconds(LineBuffer& out, std::int64_t timestampNs);

}  // namespace vsdump
