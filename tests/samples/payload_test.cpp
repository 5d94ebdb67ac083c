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

struct Conversation {
  payload::StreamFacts facts{};
  std::vector<Said> said{};

  bool isStream() const { return facts.type == VirtioType::Stream; }
};

/// What was said on each connection of a sample, whole packets only.
std::map<ConnectionId, Conversation> conversationsOf(const SampleFile& sample) {
  ConnectionConsumer nobody;
  ConnectionTracker tracker(nobody);
  std::map<ConnectionId, Conversation> conversations;
  for (const Packet& packet : sample.packets) {
    const Frame frame = frameOf(packet);
    const vsdump::Packet decoded = dissect(frame);
    const Observation seen = tracker.observe(frame, decoded);
    const Connection* const connection = tracker.current();
    if (decoded.virtio.op != VirtioOp::Rw || seen.isDuplicate || connection == nullptr) continue;
    const Bytes bytes = payloadOf(frame, decoded, seen);
    Conversation& conversation = conversations[seen.connection];
    conversation.facts.type = connection->type();
    conversation.facts.client = connection->client();
    conversation.facts.server = connection->serverAddress();
    conversation.said.push_back(
        {seen.direction, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
  }
  return conversations;
}

/// The lines of the first `bytes` bytes of a conversation, of messages that are complete. Of a
/// datagram or a message of SEQPACKET that is cut, the capture has no more, and its line says so.
std::vector<std::string> linesOfFirst(const Conversation& conversation, std::size_t bytes) {
  Dialogue dialogue(conversation.facts);
  dialogue.endsMessages = !conversation.isStream();
  for (Said said : conversation.said) {
    const std::size_t size = std::min(said.bytes.size(), bytes);
    bytes -= size;
    if (size == 0) break;
    if (conversation.isStream()) {
      said.bytes.resize(size);
    } else if (size < said.bytes.size()) {
      said.captured = size;
    }
    dialogue.say(said);
  }
  std::erase_if(dialogue.lines, [](const std::string& line) { return line.ends_with(" (cut)"); });
  return dialogue.lines;
}

TEST(SamplePayload, HasTheSameMessagesHoweverItIsSplit) {
  std::size_t messages = 0;
  for (const SampleFile& sample : sampleFiles()) {
    for (const auto& [id, conversation] : conversationsOf(sample)) {
      if (!conversation.isStream()) continue;
      const auto whole = payload::test::linesOf(conversation.said, conversation.facts);
      messages += whole.size();
      for (const std::size_t pieceBytes : {1U, 2U, 3U, 5U, 11U, 100U, 4096U}) {
        ASSERT_EQ(payload::test::linesOf(conversation.said, conversation.facts, pieceBytes), whole)
            << sample.name << ", connection " << raw(id) << ", pieces of " << pieceBytes;
      }
    }
  }
  EXPECT_GE(messages, 30U);
}

TEST(SamplePayload, CutAtAnyByteHasTheMessagesUpToTheCut) {
  for (const SampleFile& sample : sampleFiles()) {
    for (const auto& [id, conversation] : conversationsOf(sample)) {
      std::size_t size = 0;
      for (const Said& said : conversation.said) size += said.bytes.size();
      const auto whole = linesOfFirst(conversation, size);
      std::size_t before = 0;
      for (std::size_t at = 0; at < size; ++at) {
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
