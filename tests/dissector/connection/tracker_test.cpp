// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/tracker.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/dissector/connection/conversation.h"

namespace vsdump {
namespace {

using enum VirtioOp;
using support::Conversation;
using support::kBoth;

TEST(ConnectionTracker, FollowsAConnectionFromRequestToReset) {
  Conversation talk;
  EXPECT_TRUE(talk.client(Request).beginsConnection);
  talk.wait(2);
  talk.server(Response);
  const Observation data = talk.client(Rw, {.length = 10});
  EXPECT_EQ(data.direction, Direction::ToServer);
  EXPECT_EQ(data.credit, 262134U);
  EXPECT_EQ(talk.server(Rw, {.length = 3, .fwdCnt = 10}).direction, Direction::ToClient);
  talk.client(Shutdown, {.flags = kBoth, .fwdCnt = 3});
  EXPECT_TRUE(talk.serverRst().endsConnection);
  talk.serverRst();  // of the server's own close()
  talk.finish();

  ASSERT_EQ(talk.rows.size(), 1U);
  const Connection& row = talk.rows[0];
  EXPECT_EQ(row.state, ConnectionState::Closed);
  EXPECT_EQ(row.endedBy, Side::Client);
  EXPECT_EQ(row.client(), talk.clientEnd);
  EXPECT_EQ(row.serverAddress(), talk.serverEnd);
  EXPECT_EQ(row.handshakeNs(), 2'000'000);
  EXPECT_EQ(row.flow(Direction::ToServer).packets, 3U);
  EXPECT_EQ(row.flow(Direction::ToServer).bytes, 10U);
  EXPECT_EQ(row.flow(Direction::ToClient).packets, 4U);
  EXPECT_EQ(row.flow(Direction::ToClient).bytes, 3U);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, FoldsLoopbackToAnotherCidIntoOneConnection) {
  Conversation talk;
  const Address client{Cid{1}, Port{9999}};
  const Address asked{Cid{2}, Port{5000}};
  const Address answering{Cid{1}, Port{5000}};
  talk.send(client, asked, Request, {});
  EXPECT_EQ(talk.send(answering, client, Response, {}).direction, Direction::ToClient);
  EXPECT_EQ(talk.send(client, asked, Rw, {.length = 5}).direction, Direction::ToServer);
  talk.send(client, asked, Shutdown, {.flags = kBoth});
  talk.send(answering, client, Rst, {.bufAlloc = 262144, .fwdCnt = 5});
  talk.send(asked, client, Rst, {.bufAlloc = 0});  // from a side that has no socket any more
  talk.finish();
  ASSERT_EQ(talk.rows.size(), 1U);
  EXPECT_EQ(talk.rows[0].serverAddress(), asked);
  EXPECT_EQ(talk.rows[0].flow(Direction::ToClient).packets, 3U);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, BeginsANewConnectionWhereAddressesAreUsedAgain) {
  Conversation talk;
  for (int i = 0; i < 3; ++i) {
    talk.open();
    talk.client(Rw, {.length = 7});
    talk.client(Shutdown, {.flags = kBoth});
    talk.server(Rst, {.fwdCnt = 7});
    talk.wait(1);
  }
  talk.finish();
  ASSERT_EQ(talk.rows.size(), 3U);
  for (const Connection& row : talk.rows) EXPECT_EQ(row.flow(Direction::ToServer).bytes, 7U);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, MarksAConnectionSeenFromItsMiddleAsPartial) {
  Conversation talk;
  const Observation seen = talk.server(Rw, {.length = 10, .fwdCnt = 900});
  EXPECT_EQ(seen.direction, Direction::ToClient);  // the lower port is the server's
  EXPECT_EQ(seen.credit, Observation::kUnknownCredit);
  talk.client(CreditUpdate, {.fwdCnt = 123456});
  talk.finish();
  ASSERT_EQ(talk.rows.size(), 1U);
  EXPECT_TRUE(talk.rows[0].isPartial);
  EXPECT_EQ(talk.rows[0].handshakeNs(), std::nullopt);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, KeepsSourcesApart) {
  Conversation talk;
  for (const std::uint32_t source : {0U, 1U}) {
    talk.source = source;
    talk.open();
  }
  talk.finish();
  EXPECT_EQ(talk.rows.size(), 2U);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, TakesRotatedFilesForOneCaptureAndOverlappingOnesForTwo) {
  Conversation talk;
  talk.open();
  talk.wait(10);
  talk.beginFile();  // rotated
  talk.client(Rw, {.length = 5});
  const std::int64_t end = talk.timeNs;
  talk.wait(-12);
  talk.beginFile();  // the other machine's
  talk.open();
  talk.timeNs = end;
  talk.client(Rw, {.length = 5});
  talk.finish();
  ASSERT_EQ(talk.rows.size(), 2U);
  for (const Connection& row : talk.rows) EXPECT_EQ(row.flow(Direction::ToServer).bytes, 5U);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, CountsADgramExchangeOnce) {
  Conversation talk;
  talk.type = VirtioType::Dgram;
  talk.client(Rw, {.length = 10});
  talk.server(Rw, {.length = 20});
  talk.client(Rw, {.length = 10});
  talk.finish();
  ASSERT_EQ(talk.rows.size(), 1U);
  EXPECT_FALSE(talk.rows[0].isPartial);
  EXPECT_EQ(talk.rows[0].flow(Direction::ToServer).bytes, 20U);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, CountsSeqpacketMessagesByTheirLastPacket) {
  Conversation talk;
  talk.type = VirtioType::Seqpacket;
  talk.open();
  EXPECT_FALSE(talk.client(Rw, {.length = 65536}).endsMessage);
  const Observation last = talk.client(Rw, {.length = 10, .flags = kSeqpacketEndOfMessage});
  EXPECT_TRUE(last.endsMessage);
  EXPECT_FALSE(last.endsRecord);
  const std::uint32_t both = kSeqpacketEndOfMessage | kSeqpacketEndOfRecord;
  EXPECT_TRUE(talk.client(Rw, {.length = 1, .flags = both}).endsRecord);
  talk.finish();
  EXPECT_EQ(talk.rows[0].flow(Direction::ToServer).messages, 2U);
}

TEST(ConnectionTracker, LeavesAWindowAloneWhereARstHasNoCounters) {
  Conversation talk;
  talk.open();
  talk.client(Rw, {.length = 10});
  talk.client(Shutdown, {.flags = kBoth});
  talk.serverRst();
  EXPECT_EQ(talk.tracker.current()->flow(Direction::ToClient).bufAlloc, 262144U);
}

TEST(ConnectionTracker, CountsCreditAcrossTheWrapOfTheCounters) {
  Conversation talk;
  talk.open();
  constexpr std::uint32_t kPiece = 65536;
  std::uint32_t sent = 0;
  std::uint64_t bytes = 0;
  for (int i = 0; i < 65540; ++i) {
    // The capture cut the payload off: headers are enough for counting.
    support::RecordBuilder record = support::RecordBuilder::of(Rw, kPiece);
    record.monitor.src = record.virtio.src = talk.clientEnd;
    record.monitor.dst = record.virtio.dst = talk.serverEnd;
    const auto header = record.bytes();
    talk.timeNs += 1000;
    const Observation seen = talk.take(header, static_cast<std::uint32_t>(header.size()) + kPiece);
    ASSERT_EQ(seen.streamOffset, bytes);
    ASSERT_EQ(seen.credit, 262144U - kPiece);
    sent += kPiece;
    bytes += kPiece;
    talk.server(CreditUpdate, {.fwdCnt = sent});
  }
  EXPECT_LT(sent, bytes);
  talk.finish();
  EXPECT_EQ(talk.rows[0].flow(Direction::ToServer).bytes, bytes);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, TakesAnAnswerThatWasRecordedJustBeforeItsRequest) {
  Conversation talk;
  talk.server(Response);
  talk.client(Request);
  talk.client(Rw, {.length = 5});
  talk.finish();
  ASSERT_EQ(talk.rows.size(), 1U);
  EXPECT_FALSE(talk.rows[0].isPartial);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, CountsNoDuplicates) {
  Conversation talk;
  const auto twice = [&](bool byClient, VirtioOp op, support::PacketFields fields = {}) {
    byClient ? talk.client(op, fields) : talk.server(op, fields);
    EXPECT_TRUE((byClient ? talk.client(op, fields) : talk.server(op, fields)).isDuplicate);
    talk.wait(1);
  };
  twice(true, Request);
  twice(false, Response);
  twice(true, Rw, {.payload = "hello"});
  twice(true, Shutdown, {.flags = kBoth});
  talk.finish();
  ASSERT_EQ(talk.rows.size(), 1U);
  EXPECT_EQ(talk.rows[0].flow(Direction::ToServer).bytes, 5U);
  EXPECT_EQ(talk.tracker.totals().duplicates, 4U);
  EXPECT_EQ(talk.codes(), "duplicate-packets ");
}

TEST(ConnectionTracker, CountsOnceWhatTwoTapsHaveRecorded) {
  // Each record of the second tap comes 300 us later, other records in between.
  Conversation talk;
  const auto step = [&](std::int64_t ns, auto&& packet) {
    talk.timeNs += ns;
    return packet();
  };
  const auto request = [&] { return talk.client(Request); };
  const auto response = [&] { return talk.server(Response); };
  const auto data = [&] { return talk.client(Rw, {.payload = std::string(50, 'x')}); };
  const auto more = [&] { return talk.client(Rw, {.payload = std::string(60, 'y')}); };
  step(0, request), step(100'000, response);
  EXPECT_TRUE(step(200'000, request).isDuplicate);
  EXPECT_TRUE(step(100'000, response).isDuplicate);
  for (int i = 0; i < 400; ++i) {
    // The same payload twice, then another: which record pairs with which does not matter.
    step(1'000'000, data), step(100'000, data), step(50'000, more);
    step(150'000, data), step(100'000, data), step(50'000, more);
    talk.server(CreditUpdate, {.fwdCnt = static_cast<std::uint32_t>(i + 1) * 160});
    EXPECT_TRUE(
        talk.server(CreditUpdate, {.fwdCnt = static_cast<std::uint32_t>(i + 1) * 160}).isDuplicate);
  }
  talk.finish();
  ASSERT_EQ(talk.rows.size(), 1U);
  EXPECT_EQ(talk.rows[0].flow(Direction::ToServer).bytes, 400U * 160);
  EXPECT_EQ(talk.tracker.totals().duplicates, 2U + 400 * 4);
  EXPECT_EQ(talk.codes(), "duplicate-packets ");
}

TEST(ConnectionTracker, CountsEverythingAgainOnceNothingComesTwiceAnyMore) {
  Conversation talk;
  talk.client(Request), talk.client(Request), talk.server(Response);
  std::uint32_t duplicates = 0;
  for (int i = 0; i < 2000; ++i) {
    talk.wait(i % 10 == 0 ? 10 : 0);
    const std::string payload = i % 10 == 5 ? "same" : i % 10 == 6 ? "same" : std::to_string(i);
    if (talk.client(Rw, {.payload = payload}).isDuplicate) ++duplicates;
  }
  EXPECT_LT(duplicates, 40U);
}

TEST(ConnectionTracker, CountsTheSamePayloadSentTwice) {
  Conversation talk;
  talk.open();
  talk.client(Rw, {.payload = "a"});
  EXPECT_FALSE(talk.client(Rw, {.payload = "a"}).isDuplicate);  // within the same microsecond
  talk.finish();
  EXPECT_EQ(talk.rows[0].flow(Direction::ToServer).bytes, 2U);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, ReportsOnceThatTimeStepsBack) {
  Conversation talk;
  talk.open();
  talk.wait(-5000);
  talk.client(Rw, {.length = 1});
  talk.wait(-5000);
  talk.client(Rw, {.length = 1});
  talk.finish();
  EXPECT_EQ(talk.codes(), "time-stepped-back ");
  EXPECT_GE(talk.rows[0].flow(Direction::ToServer).largestGapNs, 0);
}

TEST(ConnectionTracker, LetsNoTimerFireEarlyAtTheEndOfTime) {
  Conversation talk;
  talk.timeNs = std::numeric_limits<std::int64_t>::min();
  talk.open();
  talk.timeNs = std::numeric_limits<std::int64_t>::max();
  talk.serverEnd.port = Port{4321};
  talk.client(Request);
  EXPECT_TRUE(talk.client(Request).isDuplicate);
  talk.finish();
  EXPECT_EQ(talk.codes().find("connect-unanswered"), std::string::npos) << talk.codes();
}

TEST(ConnectionTracker, DropsTheLongestIdleConnectionBeyondItsLimit) {
  Conversation talk({.live = 3, .lingering = 2});
  for (std::uint32_t i = 0; i < 10; ++i) {
    talk.clientEnd.port = Port{2000 + i};
    talk.open();
    talk.wait(1000);
  }
  EXPECT_EQ(talk.rows.size(), 7U);
  EXPECT_EQ(talk.tracker.totals().evicted, 7U);
  EXPECT_EQ(talk.codes(), "connections-evicted ");
  talk.finish();
  EXPECT_EQ(talk.rows.size(), 10U);
}

TEST(ConnectionTracker, DropsAnIdleConnectionRatherThanOneThatWasOnceIdle) {
  Conversation talk({.live = 3, .lingering = 2});
  for (std::uint32_t i = 0; i < 3; ++i) {
    talk.clientEnd.port = Port{2000 + i};
    talk.open();
    talk.wait(10);
  }
  for (int i = 0; i < 3; ++i) {  // until all three are found idle
    talk.wait(30'000);
    talk.advance();
  }
  talk.wait(1);
  talk.clientEnd.port = Port{2000};
  talk.client(Rw, {.length = 1});
  talk.clientEnd.port = Port{3000};
  talk.open();
  ASSERT_EQ(talk.rows.size(), 1U);
  EXPECT_EQ(talk.rows[0].clientPort, Port{2001});
}

TEST(ConnectionTracker, DropsConnectionsInLinearTimeHoweverMuchTheyAreUsed) {
  constexpr std::uint32_t kLive = 50'000;
  Conversation talk({.live = kLive, .lingering = 2});
  for (std::uint32_t i = 0; i < 3 * kLive; ++i) {  // quadratic, this takes a minute
    talk.clientEnd.port = Port{100'000 + i};
    talk.client(Request);
    talk.timeNs += 1000;
    talk.server(Response);
  }
  EXPECT_EQ(talk.tracker.totals().evicted, 2 * kLive);
}

TEST(ConnectionTracker, HandsClosedConnectionsOverWhileItGoesOn) {
  Conversation talk({.live = 10, .lingering = 4});
  for (std::uint32_t i = 0; i < 100; ++i) {
    talk.clientEnd.port = Port{2000 + i};
    talk.open();
    talk.client(Shutdown, {.flags = kBoth});
    talk.serverRst();
  }
  EXPECT_EQ(talk.rows.size(), 96U);
  EXPECT_EQ(talk.tracker.totals().evicted, 0U);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, TellsHalfClosedConnectionsApart) {
  Conversation talk;
  talk.open();
  talk.client(Shutdown, {.flags = 2});
  EXPECT_EQ(talk.tracker.current()->state, ConnectionState::HalfClosedByClient);
  talk.server(Rw, {.length = 4});
  talk.server(Shutdown, {.flags = kBoth});
  EXPECT_EQ(talk.tracker.current()->state, ConnectionState::Closing);
  talk.clientRst();
  EXPECT_EQ(talk.tracker.current()->state, ConnectionState::Closed);
  EXPECT_EQ(talk.codes(), "");
}

TEST(ConnectionTracker, GivesRecordsWithoutAVirtioHeaderToNoConnection) {
  Conversation talk;
  auto bytes = support::RecordBuilder().bytes();
  bytes.resize(40);
  EXPECT_EQ(talk.take(bytes).connection, kNoConnection);
  EXPECT_EQ(talk.tracker.totals().untracked, 1U);
}

}  // namespace
}  // namespace vsdump
