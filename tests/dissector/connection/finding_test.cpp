// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>

#include "dissector/connection/finding_text.h"
#include "tests/dissector/connection/conversation.h"

namespace vsdump {
namespace {

using enum VirtioOp;
using support::Conversation;
using support::kBoth;

constexpr std::uint32_t kWindow = 4096;

/// A conversation that brings a finding, and one that is nearly the same and does not.
struct Case {
  FindingCode code;
  std::function<void(Conversation&)> yields;
  std::function<void(Conversation&)> nearMiss;
};

void fill(Conversation& talk) {
  talk.open(262144, kWindow);
  talk.client(Rw, {.length = kWindow});
}

void openMany(Conversation& talk, bool closes) {
  for (std::uint32_t i = 0; i < 40; ++i) {
    talk.clientEnd.port = Port{10000 + i};
    talk.open();
    talk.client(Rw, {.length = 1});
    if (closes) {
      talk.client(Shutdown, {.flags = kBoth});
      talk.serverRst();
    }
    talk.wait(1000);
  }
}

/// A window that runs full again and again; the reader takes `waitMs` each time.
void runFull(Conversation& talk, std::int64_t handshakeMs, std::int64_t waitMs) {
  talk.client(Request);
  talk.wait(handshakeMs);
  talk.server(Response, {.bufAlloc = kWindow});
  for (std::uint32_t i = 1; i <= 20; ++i) {
    talk.client(Rw, {.length = kWindow});
    talk.wait(waitMs);
    talk.server(CreditUpdate, {.bufAlloc = kWindow, .fwdCnt = i * kWindow});
  }
}

const std::vector<Case>& cases() {
  using enum FindingCode;
  static const std::vector<Case> kCases = {
      {ConnectRefused, [](auto& t) { t.client(Request), t.wait(1), t.serverRst(); },
       [](auto& t) { t.open(), t.client(Shutdown, {.flags = kBoth}), t.serverRst(); }},
      {ConnectUnanswered,
       [](auto& t) { t.client(Request), t.wait(2100), t.tracker.advanceTo(t.timeNs); },
       [](auto& t) { t.client(Request), t.wait(1900), t.server(Response); }},
      {ResetMidStream,
       [](auto& t) { t.open(), t.client(Rw, {.length = 9}), t.wait(1), t.server(Rst); },
       [](auto& t) { t.open(), t.client(Rw, {.length = 9}), t.server(Rst, {.fwdCnt = 9}); }},
      {CreditStuck, [](auto& t) { fill(t), t.wait(5000), t.clientRst(); },
       [](auto& t) { fill(t), t.client(Shutdown, {.flags = kBoth}), t.serverRst(); }},
      {CreditViolation,
       [](auto& t) { fill(t), t.client(Rw, {.length = 1}), t.wait(5), t.serverRst(); },
       [](auto& t) {  // the record of the CREDIT_UPDATE came a moment late
         fill(t), t.client(Rw, {.length = 1}),
             t.server(CreditUpdate, {.bufAlloc = kWindow, .fwdCnt = kWindow});
       }},
      {ResetWithoutShutdown, [](auto& t) { t.open(), t.wait(1), t.client(Rst); },
       [](auto& t) { t.open(), t.server(Shutdown, {.flags = kBoth}), t.clientRst(); }},
      {CloseLeftDataUnread,
       [](auto& t) {
         t.open(), t.client(Rw, {.length = 9}), t.client(Shutdown, {.flags = kBoth});
         t.wait(8040), t.client(Rst);
       },
       [](auto& t) {
         t.open(), t.client(Rw, {.length = 9}), t.client(Shutdown, {.flags = kBoth});
         t.wait(40), t.client(Rst);
       }},
      {HalfCloseTurnedFull,
       [](auto& t) { t.open(), t.client(Shutdown, {.flags = 2}), t.wait(1), t.serverRst(); },
       [](auto& t) {
         t.open(), t.client(Shutdown, {.flags = 2}), t.server(Rw, {.length = 9});
         t.server(Shutdown, {.flags = kBoth}), t.clientRst();
       }},
      {DataAfterShutdown,
       [](auto& t) { t.open(), t.client(Shutdown, {.flags = 2}), t.client(Rw, {.length = 9}); },
       [](auto& t) { t.open(), t.client(Shutdown, {.flags = 2}), t.server(Rw, {.length = 9}); }},
      {StalePeer, [](auto& t) { t.client(Rw, {.length = 9}), t.wait(1), t.serverRst(); },
       [](auto& t) { t.client(Rw, {.length = 9}), t.wait(1), t.server(Rst, {.fwdCnt = 9}); }},
      {CreditStall,
       [](auto& t) {
         fill(t), t.wait(300), t.server(CreditUpdate, {.bufAlloc = kWindow, .fwdCnt = kWindow});
         t.wait(1), t.client(Rw, {.length = 9});
       },
       [](auto& t) {  // goes on long after credit is there: it was not waiting
         fill(t), t.wait(300), t.server(CreditUpdate, {.bufAlloc = kWindow, .fwdCnt = kWindow});
         t.wait(3000), t.client(Rw, {.length = 9});
       }},
      {CreditRequestUnanswered,
       [](auto& t) {
         t.open(), t.client(CreditRequest), t.wait(1500), t.tracker.advanceTo(t.timeNs);
       },
       [](auto& t) {
         t.open(), t.client(CreditRequest), t.wait(10), t.server(CreditUpdate);
         t.wait(1500), t.tracker.advanceTo(t.timeNs);
       }},
      {SlowReader, [](auto& t) { runFull(t, 1, 300); },
       [](auto& t) { runFull(t, 100, 300); }},  // a round trip that long explains it
      {LeakedConnections, [](auto& t) { openMany(t, false); }, [](auto& t) { openMany(t, true); }},
      {CidCollision, [](auto& t) { t.open(), t.wait(1), t.server(Response, {.bufAlloc = 1000}); },
       [](auto& t) { t.open(), t.wait(1), t.server(CreditUpdate, {.bufAlloc = 1000}); }},
      {WrongDirectionCid, [](auto& t) { t.serverEnd.cid = Cid{1}, t.client(Request); },
       [](auto& t) { t.clientEnd.cid = t.serverEnd.cid = Cid{1}, t.client(Request); }},
      {CaptureLoss,
       [](auto& t) {
         t.open(), t.client(Rw, {.length = 9}), t.wait(2), t.server(CreditUpdate, {.fwdCnt = 30});
         t.wait(2), t.server(CreditUpdate, {.fwdCnt = 30});
       },
       [](auto& t) {  // the record of the payload came a moment late
         t.open(), t.server(CreditUpdate, {.fwdCnt = 9}), t.client(Rw, {.length = 9});
         t.wait(2), t.server(CreditUpdate, {.fwdCnt = 9});
       }},
      {ReusedWithoutClose, [](auto& t) { t.open(), t.wait(5), t.open(); },
       [](auto& t) { t.open(), t.client(Shutdown, {.flags = kBoth}), t.serverRst(), t.open(); }},
      {DuplicatePackets, [](auto& t) { t.client(Request), t.client(Request); },
       [](auto& t) { t.client(Request), t.serverRst(), t.client(Request); }},
      {ConnectPending, [](auto& t) { t.client(Request); },
       [](auto& t) { t.client(Request), t.server(Response); }},
      {LateStart, [](auto& t) { t.client(Request), t.serverRst(), t.wait(100), t.open(); },
       [](auto& t) { t.open(), t.wait(100), t.client(Rw, {.length = 1}); }},
      {CreditExhausted,
       [](auto& t) { fill(t), t.wait(1), t.client(Shutdown, {.flags = kBoth}), t.serverRst(); },
       [](auto& t) { t.open(262144, kWindow), t.client(Rw, {.length = kWindow - 1}); }},
      {PossiblyBlocked,
       [](auto& t) {
         t.open(kWindow, 262144),
             t.client(Rw, {.bufAlloc = kWindow, .payload = std::string(kWindow, 'x')});
         t.wait(300), t.server(CreditUpdate, {.fwdCnt = kWindow});
         t.client(Rw, {.length = 9, .bufAlloc = kWindow});
       },
       [](auto& t) {  // sends more than its own buffer holds: it does not mind
         t.open(kWindow, 262144),
             t.client(Rw, {.bufAlloc = kWindow, .payload = std::string(kWindow, 'x')});
         t.client(Rw, {.length = 9, .bufAlloc = kWindow});
       }},
      {WindowTooSmall, [](auto& t) { runFull(t, 5, 6); },
       [](auto& t) { runFull(t, 5, 60); }},  // ten round trips: the reader is slow
      {TinyPackets,
       [](auto& t) {
         t.open();
         for (std::uint32_t i = 1; i <= 1000; ++i) {
           t.client(Rw, {.length = 20}), t.server(CreditUpdate, {.fwdCnt = 20 * i});
         }
       },
       [](auto& t) {
         t.open();
         for (std::uint32_t i = 1; i <= 1000; ++i) {
           t.client(Rw, {.length = 44}), t.server(CreditUpdate, {.fwdCnt = 44 * i});
         }
       }},
      {IdleConnection, [](auto& t) { t.open(), t.wait(75'000), t.tracker.advanceTo(t.timeNs); },
       [](auto& t) {
         t.open(), t.client(Rw, {.length = 1}), t.wait(75'000), t.tracker.advanceTo(t.timeNs);
       }},
      {TimeSteppedBack, [](auto& t) { t.open(), t.wait(-5000), t.client(Rw, {.length = 1}); },
       [](auto& t) { t.open(), t.client(Rw, {.length = 1}); }},
      {codeOf(Anomaly::TapExcess),
       [](auto& t) { t.open(), t.client(Rw, {.length = 3, .payload = "hello"}); },
       [](auto& t) { t.open(), t.client(Rw, {.length = 5, .payload = "hello"}); }},
  };
  return kCases;
}

TEST(Findings, EachComesFromWhatItDescribesAndNotFromTheNearMiss) {
  for (const Case& example : cases()) {
    const std::string code(describe(example.code).code);
    Conversation yields;
    example.yields(yields);
    yields.finish();
    EXPECT_THAT(yields.codes(), ::testing::HasSubstr(code + ' ')) << code;
    Conversation misses;
    example.nearMiss(misses);
    misses.finish();
    EXPECT_THAT(misses.codes(), ::testing::Not(::testing::HasSubstr(code + ' '))) << code;
  }
}

TEST(Findings, EachOfTheCatalogueHasItsCase) {
  std::set<FindingCode> tested{FindingCode::ConnectionsEvicted};  // see ConnectionTracker
  for (const Case& example : cases()) tested.insert(example.code);
  for (const FindingRow& row : findingCatalogue())
    EXPECT_TRUE(tested.contains(row.finding)) << row.code;
}

constexpr std::string_view kBlurs = R"(
## What is not certain

- A host's sender is charged when it queues a packet, the tap sees the packet when the guest has room for it. While
  packets wait, a host's sender has less credit than is shown, and its waits began earlier.
- Linux tells a sender of room only when less than 64 KiB of the buffer are left or the queue is empty. A reader may
  have read a good deal of which no packet tells.
- Newer Linux senders keep to their own buffer size too, of which `possibly-blocked` is the only trace.
- Times are of the tap, and a guest's tap may see an answer just before its question.
- Where records are missing, credit and what depends on it are unknown from there on.

## What people complain about

The tests in `tests/vm/truth` make these happen on real kernels.

| complaint | what names it |
|---|---|
| connect() just times out | `connect-unanswered` |
| seconds of delay at the start of a guest | `connect-unanswered`, `connect-refused`, then `late-start` |
| stuck after so many kilobytes | `credit-stuck`, `credit-stall`, `slow-reader` |
| slower since a newer kernel keeps to its own buffer size | `possibly-blocked` |
| a CREDIT_REQUEST is not answered | `credit-request-unanswered` |
| a snapshot is restored, a guest restarts | `stale-peer`, `reset-mid-stream`, `reused-without-close` |
| the answer is lost after a half close | `half-close-turned-full`, `data-after-shutdown`, `close-left-data-unread` |
| connection reset by peer | `connect-refused`, `credit-violation`, the other resets |
| two guests do not reach each other | `connect-unanswered`, which says so |
| wrong, colliding, 64-bit CIDs | `wrong-direction-cid`, `cid-beyond-32-bits`, `cid-collision` (made-up packets: two machines cannot have one CID on one kernel) |
| connections leak | `leaked-connections` |
| a probe that stays open blocks a server | `idle-connection`, `reset-without-shutdown` |

## What no capture can show

- connect() with ENODEV or EINVAL: no transport took it, so there was no packet. `vsdump doctor` looks at the machine.
- Which reason a refusal had, beyond what other connections to the port suggest: the RST is the same.
- The moment at which a machine is reset or migrated: its sockets end without a packet.
- Packets that wait in the host for a guest, and what a device in user space does with them: only the guest's kernel
  taps those.
- Which program, and which network namespace: from Linux 7.0 on one CID may be in use in several.
- Why a program does not read or accept: the packets tell that it does not.
)";

/// docs/findings.md: the catalogue, with what is said about each case above.
std::string page() {
  constexpr std::array<std::string_view, 3> kSeverities{"note", "warning", "error"};
  std::string text =
      "# What vsdump finds\n\n"
      "`vsdump report` names what it finds about connections by these codes, worst first, each "
      "with "
      "the packets that\nprove it. The example below a code is what is said about a small "
      "conversation of the tests, between client 3:9999\nand server host:5000. What is odd about "
      "single records has codes of its own, listed at the end.\n";
  for (const FindingRow& row : findingCatalogue()) {
    text += "\n## " + std::string(row.code) + "\n\n" +
            std::string(kSeverities[static_cast<std::size_t>(row.severity)]) + ". " +
            std::string(row.sentence) + '\n';
    for (const Case& example : cases()) {
      if (example.code != row.finding) continue;
      Conversation talk;
      example.yields(talk);
      talk.finish();
      for (const Finding& finding : talk.findings) {
        if (finding.code != row.finding) continue;
        text += "\n> " + messageOf(finding) + '\n';
        break;
      }
    }
  }
  text += kBlurs;
  text += "\n## Single records\n\n| code | severity | |\n|---|---|---|\n";
  for (const AnomalyRow& row : anomalyCatalogue()) {
    text += "| " + std::string(row.code) + " | " +
            std::string(kSeverities[static_cast<std::size_t>(row.severity)]) + " | " +
            std::string(row.sentence) + " |\n";
  }
  return text;
}

/// With VSDUMP_UPDATE_DOCS set the page is written anew.
TEST(Findings, AreThoseOfTheirPage) {
  const std::string path = VSDUMP_SOURCE_DIR "/docs/findings.md";
  if (std::getenv("VSDUMP_UPDATE_DOCS") != nullptr) std::ofstream(path) << page();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), page());
}

TEST(Findings, EachNamesPacketsThatProveIt) {
  for (const Case& example : cases()) {
    Conversation talk;
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
  talk.tracker.advanceTo(talk.timeNs);
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

TEST(Findings, ACreditRequestThatFollowsAnAnsweredOneHasASecondOfItsOwn) {
  Conversation talk;
  talk.open();
  talk.client(CreditRequest);
  talk.wait(10);
  talk.server(CreditUpdate);
  talk.wait(980);
  talk.client(CreditRequest);
  talk.wait(20);
  talk.tracker.advanceTo(talk.timeNs);
  EXPECT_EQ(talk.codes(), "");
  talk.wait(1000);
  talk.tracker.advanceTo(talk.timeNs);
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
