// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/message.h"

#include <gtest/gtest.h>

#include "dissector/payload/message_text.h"

namespace vsdump::payload {
namespace {

std::string shown(const Details& details) {
  Message message;
  message.protocol = "p";
  message.call = "c";
  message.details = details;
  std::string text;
  appendRequestText(text, message);
  return text;
}

TEST(Details, HaveEachKeyOnce) {
  Details details;
  details.text("export", "disk");
  details.number("size", 1);
  details.text("export", "tape");
  details.number("size", 2);
  details.text("empty", "");
  EXPECT_EQ(shown(details), "p c export=disk,tape size=2");
}

TEST(Details, CutLongTexts) {
  Details details;
  const std::string text(Details::kLongestText, 'x');
  for (int i = 0; i < 3; ++i) details.text("key", text);
  EXPECT_EQ(shown(details), "p c key=" + text + "...");
}

TEST(Message, HasNoLatencyWithoutAReplyOrWhereTimeSteppedBack) {
  Message message;
  message.timeNs = 100;
  EXPECT_FALSE(message.latencyNs());
  message.replyTimeNs = 99;
  EXPECT_FALSE(message.latencyNs());
  message.replyTimeNs = 103;
  EXPECT_EQ(message.latencyNs(), 3U);
}

}  // namespace
}  // namespace vsdump::payload
