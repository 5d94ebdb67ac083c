// SPDX-License-Identifier: GPL-2.0-or-later
// The payload of real captures, cut into other packets and cut short: the messages stay the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "dissector/connection/tracker.h"
#include "tests/dissector/payload/dialogue.h"
#include "tests/samples/samples.h"

namespace vsdump::test {
namespace {

using payload::test::Dialogue;
using payload::test::Said;

/// What was said on each connection of a sample, whole packets only.
std::map<ConnectionId, std::vector<Said>> conversationsOf(const SampleFile& sample) {
  ConnectionConsumer nobody;
  ConnectionTracker tracker(nobody);
  std::map<ConnectionId, std::vector<Said>> conversations;
  for (const Packet& packet : sample.packets) {
    const Frame frame = frameOf(packet);
    const vsdump::Packet decoded = dissect(frame);
    const Observation seen = tracker.observe(frame, decoded);
    if (decoded.virtio.op != VirtioOp::Rw || seen.isDuplicate || tracker.current() == nullptr) {
      continue;
    }
    const Bytes bytes = payloadOf(frame, decoded, seen);
    if (tracker.current()->type() != VirtioType::Stream) continue;
    conversations[seen.connection].push_back(
        {seen.direction, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
  }
  return conversations;
}

/// The lines of the first `bytes` bytes of a conversation, of messages that are complete.
std::vector<std::string> linesOfFirst(const std::vector<Said>& conversation, std::size_t bytes) {
  Dialogue dialogue;
  for (Said said : conversation) {
    said.bytes.resize(std::min(said.bytes.size(), bytes));
    bytes -= said.bytes.size();
    if (!said.bytes.empty()) dialogue.say(said);
  }
  return dialogue.lines;
}

TEST(SamplePayload, HasTheSameMessagesHoweverItIsSplit) {
  std::size_t messages = 0;
  for (const SampleFile& sample : sampleFiles()) {
    for (const auto& [id, conversation] : conversationsOf(sample)) {
      const auto whole = payload::test::linesOf(conversation);
      messages += whole.size();
      for (const std::size_t pieceBytes : {1U, 2U, 3U, 5U, 11U, 100U, 4096U}) {
        ASSERT_EQ(payload::test::linesOf(conversation, {}, pieceBytes), whole)
            << sample.name << ", connection " << raw(id) << ", pieces of " << pieceBytes;
      }
    }
  }
  EXPECT_GE(messages, 30U);
}

TEST(SamplePayload, CutAtAnyByteHasTheMessagesUpToTheCut) {
  constexpr std::size_t kEachByteUpTo = 2500;
  constexpr std::size_t kStride = 1009;
  for (const SampleFile& sample : sampleFiles()) {
    for (const auto& [id, conversation] : conversationsOf(sample)) {
      std::size_t size = 0;
      for (const Said& said : conversation) size += said.bytes.size();
      const auto whole = linesOfFirst(conversation, size);
      std::size_t before = 0;
      for (std::size_t at = 0; at < size; at += at < kEachByteUpTo ? 1 : kStride) {
        const auto cut = linesOfFirst(conversation, at);
        SCOPED_TRACE(testing::Message()
                     << sample.name << ", connection " << raw(id) << ", " << at << " bytes");
        ASSERT_LE(before, cut.size());
        ASSERT_LE(cut.size(), whole.size());
        ASSERT_TRUE(std::equal(cut.begin(), cut.end(), whole.begin()));
        before = cut.size();
      }
    }
  }
}

}  // namespace
}  // namespace vsdump::test
