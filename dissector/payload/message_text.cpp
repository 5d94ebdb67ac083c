// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/message_text.h"

#include "dissector/text/escape.h"

namespace vsdump::payload {

namespace {

void appendDetails(std::string& out, const Details& details) {
  for (const Detail& detail : details.all()) {
    out += ' ';
    out += detail.key;
    out += '=';
    if (const auto* number = std::get_if<std::uint64_t>(&detail.value)) {
      out += std::to_string(*number);
      continue;
    }
    const std::string& text = std::get<std::string>(detail.value);
    if (text.find_first_of(" \"") == std::string::npos) {
      appendEscaped(out, text);
      continue;
    }
    // A quote in the text must not look like its end.
    out += '"';
    for (const char c : escaped(text)) {
      if (c == '"') out += '\\';
      out += c;
    }
    out += '"';
  }
}

}  // namespace

void appendRequestText(std::string& out, const Message& message) {
  out += message.protocol;
  out += ' ';
  appendEscaped(out, message.call);
  appendDetails(out, message.details);
}

void appendReplyText(std::string& out, const Message& message) {
  if (message.outcome == Outcome::OneWay) return;
  out += outcomeWord(message.outcome);
  if (!message.error.empty()) {
    out += ' ';
    appendEscaped(out, message.error);
  }
  appendDetails(out, message.reply);
}

}  // namespace vsdump::payload
