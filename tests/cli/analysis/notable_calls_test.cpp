// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/notable_calls.h"

#include <gtest/gtest.h>

#include <string>

namespace vsdump::test {
namespace {

using payload::Message;
using payload::Outcome;

Message call(std::uint64_t packet, std::int64_t tookMs, Outcome outcome = Outcome::Ok) {
  constexpr std::int64_t kMsNs = 1'000'000;
  Message message;
  message.packet = FrameNumber{packet};
  message.client = {Cid{3}, Port{1000}};
  message.server = {Cid{2}, Port{80}};
  message.connection = ConnectionId{0};
  message.protocol = "http";
  message.call = "GET";
  message.outcome = outcome;
  if (outcome == Outcome::Ok || outcome == Outcome::Error) message.replyTimeNs = tookMs * kMsNs;
  if (outcome == Outcome::Error) message.error = "Not Found";
  return message;
}

std::string textOf(const NotableCalls& calls) {
  LineBuffer out;
  calls.put(out, false);
  return std::string(out.text());
}

TEST(NotableCalls, AreNothingWithoutCalls) {
  EXPECT_EQ(textOf({}), "");
}

TEST(NotableCalls, AreTheSlowestInOrderTheFailedAndTheUnanswered) {
  NotableCalls calls;
  for (const int tookMs : {3, 9, 1, 7, 5, 8, 2}) calls.add(call(10, tookMs));
  calls.add(call(11, 4, Outcome::Error));
  calls.add(call(12, 0, Outcome::Unanswered));
  Message event = call(13, 1000);
  event.isLongPoll = true;
  calls.add(event);
  EXPECT_EQ(textOf(calls),
            "\nslowest calls\n"
            "packet 10  #0 3:1000 -> host:80 http GET: ok, 9.0 ms\n"
            "packet 10  #0 3:1000 -> host:80 http GET: ok, 8.0 ms\n"
            "packet 10  #0 3:1000 -> host:80 http GET: ok, 7.0 ms\n"
            "packet 10  #0 3:1000 -> host:80 http GET: ok, 5.0 ms\n"
            "packet 11  #0 3:1000 -> host:80 http GET: error Not Found, 4.0 ms\n"
            "\nfailed calls\n"
            "packet 11  #0 3:1000 -> host:80 http GET: error Not Found, 4.0 ms\n"
            "\nnever answered\n"
            "packet 12  #0 3:1000 -> host:80 http GET: unanswered\n");
}

TEST(NotableCalls, CountThoseThatAreNotListed) {
  NotableCalls calls;
  for (int i = 0; i < 8; ++i) calls.add(call(1, 0, Outcome::Unanswered));
  EXPECT_TRUE(textOf(calls).ends_with("and 3 more: vsdump messages lists them\n"));
}

}  // namespace
}  // namespace vsdump::test
