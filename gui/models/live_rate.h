// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>
#include <cstddef>
#include <cstdint>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// How fast packets come in now.
class LiveRate {
 public:
  /// There are so many packets at a time of any clock.
  void update(std::size_t packets, std::int64_t nowNs);

  /// A second, as of the last second or so.
  std::uint64_t perSecond() const { return perSecond_; }

 private:
  bool isBegun_ = false;
  std::size_t packets_ = 0;
  std::int64_t sinceNs_ = 0;
  std::uint64_t perSecond_ = 0;
};

/// "12 dropped"; empty where nobody counts.
QString droppedText(const Trace& trace);

/// "live: 12,400/s, 0 dropped".
QString liveText(const Trace& trace, const LiveRate& rate);

}  // namespace vsdump::gui
