// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/in_flight.h"

#include <algorithm>

namespace vsdump::gui {

void InFlight::sent(const Observation& seen, std::uint32_t length) {
  if (length > 0) {
    sentTo_ = seen.streamOffset + length;
    ends_.push_back(sentTo_);
  }
  // The credit says how much of it was read, whatever was lost or went on before the capture.
  if (seen.credit == Observation::kUnknownCredit || seen.credit > seen.window) return;
  readTo(sentTo_ - std::min<std::uint64_t>(seen.window - seen.credit, sentTo_));
}

void InFlight::told(std::uint32_t fwdCnt) {
  // The counter wraps; it went forward unless it went more than half of its range.
  const auto step = static_cast<std::int32_t>(fwdCnt - fwdCnt_.value_or(fwdCnt));
  fwdCnt_ = fwdCnt;
  if (step > 0 && readTo_) readTo(std::min(*readTo_ + static_cast<std::uint32_t>(step), sentTo_));
}

void InFlight::readTo(std::uint64_t offset) {
  readTo_ = offset;
  while (!ends_.empty() && ends_.front() <= offset) ends_.pop_front();
}

}  // namespace vsdump::gui
