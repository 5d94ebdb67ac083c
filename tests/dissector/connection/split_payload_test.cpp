// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/split_payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/dissector/connection/conversation.h"

namespace vsdump {
namespace {

using support::Conversation;

std::string numbered(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + '\n';
  text.resize(size);
  return text;
}

/// What is followed of a message that a host's kernel splits: `tapped` gives what the tap records
/// for the fragment at an offset.
template <typename Tapped>
std::string followed(const std::string& message, std::size_t room, Tapped&& tapped) {
  Conversation talk;
  talk.open();
  std::string out;
  for (std::size_t at = 0; at < message.size(); at += room) {
    const auto length = static_cast<std::uint32_t>(std::min(room, message.size() - at));
    talk.client(VirtioOp::Rw, {.length = length, .payload = tapped(at)});
    EXPECT_EQ(talk.tracker.current()->flow(Direction::ToServer).bytes, out.size() + length);
    out += talk.last;
  }
  return out;
}

TEST(SplitPayload, IsExactWhereTheTapRecordsTheRest) {  // kernels up to 6.6
  const std::string message = numbered(20000);
  EXPECT_EQ(followed(message, 3732, [&](std::size_t at) { return message.substr(at); }), message);
}

TEST(SplitPayload, IsExactWhereTheTapRepeatsTheWhole) {  // bytes built as kernels 6.7 to 7.0 would
  const std::string message = numbered(20000);
  EXPECT_EQ(followed(message, 3732, [&](std::size_t) { return message; }), message);
}

TEST(SplitPayload, IsExactWhereTheTapAddsStaleBytes) {  // the same kernels, packets kept in pages
  const std::string message = numbered(20000);
  EXPECT_EQ(followed(message, 3732,
                     [&](std::size_t at) { return message.substr(at) + std::string(at, '?'); }),
            message);
}

TEST(SplitPayload, IsExactForPayloadThatRepeatsItself) {
  const std::string zeros(20000, '\0');
  EXPECT_EQ(followed(zeros, 3732, [&](std::size_t) { return zeros; }), zeros);
  std::string periodic;
  while (periodic.size() < 3732 * 5) periodic += numbered(3732);
  EXPECT_EQ(followed(periodic, 3732, [&](std::size_t) { return periodic; }), periodic);
}

TEST(SplitPayload, BeginsAnewWithEachPacket) {
  const std::string message = numbered(10000);
  const std::string twice = message + message;
  const auto repeat = [&](std::size_t) { return message; };
  EXPECT_EQ(followed(twice, 2500, repeat), twice);
}

}  // namespace
}  // namespace vsdump
