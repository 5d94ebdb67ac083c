// SPDX-License-Identifier: GPL-2.0-or-later
// Built from what hybrid_vsock.h names.
#include "dissector/payload/hybrid_vsock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HybridVsock, ShowsTheRequestAndWhatFollows) {
  const auto lines = linesHoweverSplit({toServer("CONNECT 80\n"), toClient("OK 1073741824\n"),
                                        toServer("GET / HTTP/1.1\r\n\r\n"),
                                        toClient("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
  EXPECT_THAT(lines, ElementsAre("hybrid-vsock CONNECT port=80: ok host_port=1073741824",
                                 "http GET target=/: ok status=200"));
}

TEST(HybridVsock, TakesCapitalsAsTheyComeAndClientsThatDoNotWait) {
  const auto lines =
      linesHoweverSplit({toServer("connect 80\nGET / HTTP/1.1\r\n\r\n"), toClient("OK 5\n"),
                         toClient("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
  EXPECT_THAT(lines, ElementsAre("hybrid-vsock CONNECT port=80: ok host_port=5",
                                 "http GET target=/: ok status=200"));
}

TEST(HybridVsock, LeavesOtherLinesAlone) {
  EXPECT_THAT(linesOf({toServer("CONNECT me\n")}), IsEmpty());
  EXPECT_THAT(linesOf({toServer("CONNECT 99999999999\n")}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
