// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/message_line.h"

#include <fmt/format.h>

#include <string>

#include "cli/analysis/names.h"
#include "dissector/connection/finding_text.h"
#include "dissector/payload/message_text.h"
#include "dissector/text/escape.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

void putJsonText(LineBuffer& out, std::string_view text) {
  std::string escapedText;
  appendJsonEscaped(escapedText, text);
  out.put('"');
  out.put(escapedText);
  out.put('"');
}

void putJsonDetails(LineBuffer& out, std::string_view key, const payload::Details& details) {
  out.put(fmt::format(",\"{}\":{{", key));
  std::string_view before;
  for (const payload::Detail& detail : details.all()) {
    out.put(fmt::format("{}\"{}\":", before, detail.key));
    before = ",";
    if (const auto* number = std::get_if<std::uint64_t>(&detail.value)) {
      // JavaScript and jq would round a larger number.
      const std::string_view quote = *number > kLargestExactNumber ? "\"" : "";
      out.put(fmt::format("{}{}{}", quote, *number, quote));
    } else {
      putJsonText(out, std::get<std::string>(detail.value));
    }
  }
  out.put('}');
}

void putPacketKey(LineBuffer& out, std::string_view key, FrameNumber packet) {
  out.put(packet == FrameNumber{} ? fmt::format(",\"{}\":null", key)
                                  : fmt::format(",\"{}\":{}", key, raw(packet)));
}

}  // namespace

void putMessageLine(LineBuffer& out, const payload::Message& message, MessageStyle style) {
  const bool isToServer = message.direction == Direction::ToServer;
  std::string line = fmt::format(
      "#{} {} {} {} ", raw(message.connection), endText(message.client, style.numericNames),
      isToServer ? "->" : "<-", endText(message.server, style.numericNames));
  payload::appendRequestText(line, message);
  std::string reply;
  payload::appendReplyText(reply, message);
  if (!reply.empty()) line += ": " + reply;
  if (const auto latency = message.latencyNs()) line += ", " + durationText(*latency);
  if (message.isCut) line += ", not all of it captured";
  out.put(line);
  out.put('\n');
}

void putMessageJson(LineBuffer& out, const payload::Message& message) {
  out.put(fmt::format("{{\"record\":\"message\",\"connection\":{}", raw(message.connection)));
  putAddressKey(out, "client", message.client);
  putAddressKey(out, "server", message.server);
  out.put(fmt::format(",\"direction\":\"{}\",\"protocol\":\"{}\",\"call\":",
                      directionWord(message.direction), message.protocol));
  putJsonText(out, message.call);
  putTimeKey(out, "time", message.timeNs);
  putTimeKey(out, "reply_time", message.replyTimeNs);
  const auto latency = message.latencyNs();
  out.put(latency ? fmt::format(",\"latency_ns\":{}", *latency)
                  : std::string(",\"latency_ns\":null"));
  putPacketKey(out, "packet", message.packet);
  putPacketKey(out, "reply_packet", message.replyPacket);
  out.put(fmt::format(",\"outcome\":\"{}\",\"error\":", payload::outcomeWord(message.outcome)));
  if (message.error.empty()) {
    out.put("null");
  } else {
    putJsonText(out, message.error);
  }
  out.put(fmt::format(",\"long_poll\":{},\"cut\":{}", message.isLongPoll, message.isCut));
  putJsonDetails(out, "detail", message.details);
  putJsonDetails(out, "reply", message.reply);
  out.put("}\n");
}

}  // namespace vsdump
