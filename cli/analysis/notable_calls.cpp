// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/notable_calls.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/analysis/message_line.h"
#include "dissector/text/quantity.h"

namespace vsdump {

using payload::Message;
using payload::Outcome;

void NotableCalls::Kind::add(const Message& message) {
  ++count;
  if (messages.size() < kMost) messages.push_back(message);
}

void NotableCalls::add(const Message& message) {
  if (message.outcome == Outcome::Error) failed_.add(message);
  if (message.outcome == Outcome::Unanswered) unanswered_.add(message);
  const auto latency = message.latencyNs();
  if (!latency || message.isLongPoll) return;
  std::vector<Message>& slowest = slowest_.messages;
  if (slowest.size() == kMost && *latency <= slowest.back().latencyNs()) return;
  const auto place = std::ranges::find_if(
      slowest, [&](const Message& other) { return *latency > other.latencyNs(); });
  slowest.insert(place, message);
  if (slowest.size() > kMost) slowest.pop_back();
}

void NotableCalls::put(LineBuffer& out, bool numericNames) const {
  putLines(out, "slowest calls", slowest_, numericNames);
  putLines(out, "failed calls", failed_, numericNames);
  putLines(out, "never answered", unanswered_, numericNames);
}

void NotableCalls::putLines(LineBuffer& out, std::string_view heading, const Kind& kind,
                            bool numericNames) {
  if (kind.messages.empty()) return;
  out.put(fmt::format("\n{}\n", heading));
  for (const Message& message : kind.messages) {
    out.put(fmt::format("packet {}  ", raw(message.packet)));
    putMessageLine(out, message, {.numericNames = numericNames});
  }
  if (kind.count > kMost) {
    out.put(fmt::format("and {} more: vsdump messages lists them\n", grouped(kind.count - kMost)));
  }
}

}  // namespace vsdump
