// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/credit.h"

#include <algorithm>

namespace vsdump {

bool hasCounters(const VirtioHeader& header) {
  return header.op != VirtioOp::Rst || header.bufAlloc != 0 || header.fwdCnt != 0;
}

bool knowsCredit(const Flow& sender, const Flow& receiver) {
  return sender.countsFromStart && receiver.hasTold;
}

std::uint32_t inFlight(const Flow& sender, const Flow& receiver) {
  const std::uint32_t difference = sender.sent - receiver.fwdCnt;
  // Consumed before it was seen to be sent: the record is late or missing.
  return difference > 0x80000000U ? 0 : difference;
}

std::uint32_t creditLeft(const Flow& sender, const Flow& receiver) {
  const std::uint32_t used = inFlight(sender, receiver);
  return used >= receiver.bufAlloc ? 0 : receiver.bufAlloc - used;
}

bool isPossiblyBlocked(const Flow& sender, const Flow& receiver) {
  return sender.hasTold && !sender.isUncapped && sender.bufAlloc < receiver.bufAlloc &&
         inFlight(sender, receiver) >= sender.bufAlloc && sender.bufAlloc != 0;
}

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
