// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/dissector/payload/dialogue.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vsdump::payload::test {

std::vector<std::string> linesHoweverSplit(const std::vector<Said>& script, StreamFacts facts) {
  const std::vector<std::string> whole = linesOf(script, facts);
  for (const std::size_t pieceBytes : {1U, 2U, 3U, 5U, 7U, 13U, 64U}) {
    EXPECT_EQ(linesOf(script, facts, pieceBytes), whole) << "in pieces of " << pieceBytes;
  }
  constexpr std::size_t kStep = 1;
  for (std::size_t i = 0; i < script.size(); ++i) {
    // Each piece cut in two, near its beginning and its end at every byte.
    const std::size_t size = script[i].bytes.size();
    for (std::size_t at = 1; at < size; at += at < 200 || at + 200 > size ? kStep : 97) {
      std::vector<Said> cut = script;
      cut[i].bytes.resize(at);
      cut.insert(cut.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                 {script[i].direction, script[i].bytes.substr(at)});
      EXPECT_EQ(linesOf(cut, facts), whole) << "piece " << i << " cut at " << at;
    }
  }
  return whole;
}

}  // namespace vsdump::payload::test
