// SPDX-License-Identifier: GPL-2.0-or-later
// Built from what trace_cmd.h names.
#include "dissector/payload/trace_cmd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StreamFacts agent() {
  return {.server = {Cid{42}, Port{823}}};
}
std::string message(std::uint32_t command, const std::string& body) {
  return big(12 + body.size(), 4) + big(command, 4) + big(body.size(), 4) + body;
}

TEST(TraceCmd, PairsTheRequestWithItsResponse) {
  const auto lines =
      linesHoweverSplit({toServer(message(6, std::string(20, 'a'))),
                         toClient(message(7, std::string(12, 'b'))), toServer(message(0, ""))},
                        agent());
  EXPECT_THAT(lines, ElementsAre("trace-cmd TRACE_REQ bytes=20: ok",
                                 "trace-cmd CLOSE bytes=0: unanswered"));
}

TEST(TraceCmd, TellsOfAFileOnceHoweverManyPiecesItHas) {
  const auto lines = linesHoweverSplit(
      {toClient(message(3, std::string(40, 'a'))), toClient(message(3, std::string(2, 'a'))),
       toClient(message(4, "")), toServer(message(0, "")), toClient(message(8, ""))},
      agent());
  EXPECT_THAT(
      lines, ElementsAre("trace-cmd SEND_DATA messages=2 bytes=42", "trace-cmd CLOSE bytes=0: ok"));
}

TEST(TraceCmd, LeavesOtherPortsAndBytesAlone) {
  EXPECT_THAT(linesOf({toServer(message(6, "a"))}), IsEmpty());
  EXPECT_THAT(linesOf({toServer(big(9000, 4) + big(6, 4) + big(1, 4))}, agent()), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
