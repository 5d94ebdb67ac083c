// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/dissector/connection/finding_cases.h"

namespace vsdump {
namespace {

using enum VirtioOp;
using support::Conversation;
using support::cutTo;
using support::kBoth;
using support::RecordBuilder;
using support::rw;

constexpr std::uint32_t kWindow = support::kSmallWindow;

void fill(Conversation& talk) {
  support::fillWindow(talk);
}

TEST(Findings, EachComesFromWhatItDescribesAndNotFromTheNearMiss) {
  for (const support::FindingCase& example : support::findingCases()) {
    const std::string code(describe(example.code).code);
    Conversation yields(example.limits);
    example.yields(yields);
    yields.finish();
    EXPECT_THAT(yields.codes(), ::testing::HasSubstr(code + ' ')) << code;
    Conversation misses(example.limits);
    example.nearMiss(misses);
    misses.finish();
    EXPECT_THAT(misses.codes(), ::testing::Not(::testing::HasSubstr(code + ' '))) << code;
  }
}

TEST(Findings, EachOfBothCataloguesHasItsCase) {
  std::set<FindingCode> tested;
  for (const support::FindingCase& example : support::findingCases()) tested.insert(example.code);
  for (const FindingRow& row : findingCatalogue()) {
    EXPECT_TRUE(tested.contains(row.finding)) << row.code;
  }
  for (const AnomalyRow& row : anomalyCatalogue()) {
    // What a snapshot length cuts off is no fault of the traffic, and is not found.
    const bool isFound = row.anomaly != Anomaly::PayloadTruncated;
    EXPECT_EQ(tested.contains(codeOf(row.anomaly)), isFound) << row.code;
  }
}

TEST(Findings, OddRecordsWithoutAConnectionAreFoundOnceOfAKind) {
  Conversation talk;
  for (int i = 0; i < 3; ++i) {
    talk.take(cutTo(rw().bytes(), 31));
    talk.take(cutTo(rw().bytes(), 75));
  }
  EXPECT_EQ(talk.codes(), "vsockmon-header-truncated transport-header-truncated ");
  EXPECT_EQ(talk.findings[1].packets[0], FrameNumber{2});
}

TEST(Findings, APayloadThatTheSnapshotLengthHasCutIsNone) {
  Conversation talk;
  talk.open();
  RecordBuilder record = rw();
  record.monitor.src = record.virtio.src = talk.clientEnd;
  talk.take(cutTo(record.bytes("hello"), 78), 81);
  EXPECT_EQ(talk.codes(), "");
}

TEST(Findings, EachNamesPacketsThatProveIt) {
  for (const support::FindingCase& example : support::findingCases()) {
    Conversation talk(example.limits);
    example.yields(talk);
    talk.finish();
    for (const Finding& finding : talk.findings) {
      EXPECT_GT(finding.packetCount, 0) << describe(finding.code).code;
    }
  }
}

TEST(Findings, ASiblingGuestIsNamedAsTheLikelyCause) {
  Conversation talk;
  talk.serverEnd.cid = Cid{4};
  talk.client(Request);
  talk.wait(2100);
  talk.advance();
  ASSERT_EQ(talk.findings.size(), 1U);
  EXPECT_EQ(talk.findings[0].detail, FindingDetail::SiblingGuest);
}

TEST(Findings, ARefusalTellsWhichCauseIsLikelier) {
  Conversation talk;
  talk.open();
  talk.clientEnd.port = Port{10000};
  talk.client(Request);
  talk.serverRst();
  EXPECT_EQ(talk.findings.back().detail, FindingDetail::PortWasOpen);
  talk.clientEnd.port = Port{10001};
  talk.type = VirtioType::Seqpacket;
  talk.client(Request);
  talk.serverRst();
  EXPECT_EQ(talk.findings.back().detail, FindingDetail::OtherTypeWasOpen);
}

TEST(Findings, AnAnswerAfterTheClientGaveUpIsNamed) {
  Conversation talk;
  talk.client(Request);
  talk.wait(1500);
  talk.server(Response);
  talk.clientRst();
  ASSERT_EQ(talk.findings.size(), 1U);
  EXPECT_EQ(talk.findings[0].detail, FindingDetail::AnsweredTooLate);
}

TEST(Findings, ARefusalBeforeTheAnswerIsAProbe) {
  Conversation talk;
  talk.open();
  talk.clientRst();
  EXPECT_EQ(talk.codes(), "reset-without-shutdown ");
  EXPECT_EQ(talk.findings[0].detail, FindingDetail::GaveUp);
}

TEST(Findings, ARstWithoutASocketInAnOpenConnectionIsOfOneThatHasForgottenIt) {
  Conversation talk;
  talk.open();
  talk.client(Rw, {.length = 9});
  talk.server(CreditUpdate, {.fwdCnt = 9});
  talk.wait(60'000);  // the server is restored from a snapshot
  talk.client(CreditUpdate);
  talk.serverRst();
  EXPECT_EQ(talk.codes(), "stale-peer ");
  talk.open();
  talk.client(Rw, {.length = 9});
  talk.serverRst();
  EXPECT_EQ(talk.codes(), "stale-peer stale-peer reset-mid-stream ");
  EXPECT_EQ(talk.findings.back().detail, FindingDetail::NoSocket);
}

TEST(Findings, AResetAfterACreditViolationIsItsConsequence) {
  Conversation talk;
  fill(talk);
  talk.client(Rw, {.length = 1});
  talk.server(Rst, {.bufAlloc = kWindow});
  EXPECT_EQ(talk.codes(), "credit-violation reset-mid-stream ");
  EXPECT_EQ(talk.findings.back().detail, FindingDetail::AfterViolation);
}

TEST(Findings, AResponseThatTheCaptureLacksIsNoUnansweredRequest) {
  Conversation talk;
  talk.client(Request);
  talk.wait(1);
  talk.server(Rw, {.length = 9});
  talk.wait(5000);
  talk.client(CreditUpdate, {.fwdCnt = 9});
  EXPECT_EQ(talk.tracker.current()->state, ConnectionState::Open);
  talk.finish();
  EXPECT_EQ(talk.codes(), "capture-loss ");
  EXPECT_EQ(talk.findings[0].detail, FindingDetail::ResponseMissing);
  EXPECT_EQ(talk.rows[0].handshakeNs(), std::nullopt);
}

TEST(Findings, EachFurtherLossIsFoundToo) {
  Conversation talk;
  talk.open();
  for (std::uint32_t told = 100; told <= 300; told += 100) {
    talk.client(Rw, {.length = 50});
    for (int i = 0; i < 2; ++i, talk.wait(2)) talk.server(CreditUpdate, {.fwdCnt = told});
  }
  talk.finish();
  EXPECT_EQ(talk.codes(), "capture-loss capture-loss capture-loss ");
  EXPECT_EQ(talk.rows[0].flow(Direction::ToServer).lostBytes, 150U);
}

TEST(Findings, TwoThreadsThatOvertakeEachOtherAreNotTwoMachines) {
  Conversation talk;
  talk.open();
  talk.client(Rw, {.length = 9000});
  for (std::uint32_t told = 1000; told <= 9000; told += 1000, talk.wait(5)) {
    talk.server(CreditUpdate, {.fwdCnt = told});
    talk.server(Rw, {.length = 1, .fwdCnt = told - 500});
  }
  EXPECT_EQ(talk.codes(), "");
  for (std::uint32_t i = 0; i < 4; ++i, talk.wait(5)) talk.server(CreditUpdate, {.fwdCnt = i});
  EXPECT_EQ(talk.codes(), "cid-collision ");
}

TEST(Findings, WhatTwoTapsWithClocksApartMixUpIsFoundAsThatOnly) {
  // The second tap's records of the same packets come 20 ms later, between those of the first.
  Conversation talk;
  const auto each = [&](int step) {
    if (step < 0) return;
    if (step == 0) talk.client(Request);
    if (step == 1) talk.server(Response, {.bufAlloc = kWindow});
    if (step > 1 && step < 20) talk.client(Rw, {.length = 200});
    if (step == 20) talk.client(Shutdown, {.flags = kBoth});
    if (step == 21) talk.serverRst();
  };
  for (int step = 0; step < 27; ++step, talk.wait(4)) {
    each(step);
    each(step - 5);
  }
  talk.finish();
  EXPECT_EQ(talk.codes(), "reused-without-close ");
}

TEST(Findings, ACreditRequestThatFollowsAnAnsweredOneHasASecondOfItsOwn) {
  Conversation talk;
  talk.open();
  talk.client(CreditRequest);
  talk.wait(10);
  talk.server(CreditUpdate);
  talk.wait(980);
  talk.client(CreditRequest);
  talk.wait(20);
  talk.advance();
  EXPECT_EQ(talk.codes(), "");
  talk.wait(1000);
  talk.advance();
  EXPECT_EQ(talk.codes(), "credit-request-unanswered ");
}

TEST(Findings, ACaptureThatEndsInAFullWindowShowsNoDeadlock) {
  Conversation talk;
  fill(talk);
  talk.finish();
  EXPECT_EQ(talk.codes(), "credit-exhausted ");
}

TEST(Stalls, HaveTheirTimesAndTheBytesBeforeThem) {
  Conversation talk;
  fill(talk);
  const std::int64_t start = talk.timeNs;
  talk.wait(300);
  talk.server(CreditUpdate, {.bufAlloc = kWindow, .fwdCnt = kWindow});
  talk.wait(1);
  talk.client(Rw, {.length = 9});
  ASSERT_EQ(talk.stalls.size(), 1U);
  EXPECT_EQ(talk.stalls[0].kind, FindingCode::CreditStall);
  EXPECT_EQ(talk.stalls[0].endedBy, EndedBy::CreditUpdate);
  EXPECT_EQ(talk.stalls[0].startNs, start);
  EXPECT_EQ(talk.stalls[0].endNs, start + 300'000'000);
  EXPECT_EQ(talk.stalls[0].bytesBefore, kWindow);
}

}  // namespace
}  // namespace vsdump
