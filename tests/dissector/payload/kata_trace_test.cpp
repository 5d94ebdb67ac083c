// SPDX-License-Identifier: GPL-2.0-or-later
// Debian has no Kata Containers: the bytes are built from its documents.
#include "dissector/payload/kata_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dissector/payload/dialogue.h"

namespace vsdump::payload::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string span(const std::string& json) {
  return big(json.size(), 8) + json;
}

TEST(KataTrace, NamesSpans) {
  EXPECT_THAT(linesHoweverSplit({toServer(span(R"({"name":"create_sandbox","status":"Ok"})") +
                                          span(R"({"status":"Ok"})"))}),
              ElementsAre("kata-trace span name=create_sandbox", "kata-trace span"));
}

TEST(KataTrace, LeavesOtherBytesAlone) {
  EXPECT_THAT(linesOf({toServer(span("[1]"))}), IsEmpty());
  EXPECT_THAT(linesOf({toServer(big(1, 4) + std::string(40, '{'))}), IsEmpty());
}

}  // namespace
}  // namespace vsdump::payload::test
