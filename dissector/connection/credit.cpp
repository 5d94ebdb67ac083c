// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/credit.h"

#include <algorithm>

namespace vsdump {

bool goesOnPromptly(const Flow& sender, std::int64_t now) {
  const std::int64_t lastedNs = sender.creditBackNs - sender.stallStartNs;
  return now - sender.creditBackNs <= std::clamp(lastedNs, kPromptNs, 5 * kPromptNs);
}

void hear(Flow& flow, const VirtioHeader& header, std::int64_t silentNs) {
  if (flow.hasTold && header.fwdCnt - flow.fwdCnt > 0x80000000U) {
    if (silentNs > kReorderNs && flow.stepsBack != UINT8_MAX) ++flow.stepsBack;
    return;
  }
  flow.hasTold = true;
  flow.bufAlloc = header.bufAlloc;
  flow.fwdCnt = header.fwdCnt;
  flow.largestBuffer = std::max(flow.largestBuffer, header.bufAlloc);
}

}  // namespace vsdump
