// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/dissector/connection/finding_cases.h"

#include <string>

namespace vsdump::support {

using enum VirtioOp;

void fillWindow(Conversation& talk) {
  talk.open(262144, kSmallWindow);
  talk.client(Rw, {.length = kSmallWindow});
}

RecordBuilder rw() {
  return RecordBuilder::of(Rw, 5);
}

std::vector<std::byte> cutTo(std::vector<std::byte> bytes, std::size_t size) {
  bytes.resize(size);
  return bytes;
}

namespace {

constexpr std::uint32_t kWindow = kSmallWindow;

using Case = FindingCase;

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

/// Three connections at once, or not quite.
void openThree(Conversation& talk, bool closes) {
  for (std::uint32_t i = 0; i < 3; ++i) {
    talk.clientEnd.port = Port{10000 + i};
    talk.open();
    if (!closes) continue;
    talk.client(Shutdown, {.flags = kBoth});
    talk.serverRst();
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

const std::vector<Case>& connectionCases() {
  using enum FindingCode;
  static const std::vector<Case> kCases = {
      {ConnectRefused, [](auto& t) { t.client(Request), t.wait(1), t.serverRst(); },
       [](auto& t) { t.open(), t.client(Shutdown, {.flags = kBoth}), t.serverRst(); }},
      {ConnectUnanswered, [](auto& t) { t.client(Request), t.wait(2100), t.advance(); },
       [](auto& t) { t.client(Request), t.wait(1900), t.server(Response); }},
      {ResetMidStream,
       [](auto& t) { t.open(), t.client(Rw, {.length = 9}), t.wait(1), t.server(Rst); },
       [](auto& t) { t.open(), t.client(Rw, {.length = 9}), t.server(Rst, {.fwdCnt = 9}); }},
      {CreditStuck, [](auto& t) { fillWindow(t), t.wait(5000), t.clientRst(); },
       [](auto& t) { fillWindow(t), t.client(Shutdown, {.flags = kBoth}), t.serverRst(); }},
      {CreditViolation,
       [](auto& t) { fillWindow(t), t.client(Rw, {.length = 1}), t.wait(5), t.serverRst(); },
       [](auto& t) {  // the record of the CREDIT_UPDATE came a moment late
         fillWindow(t), t.client(Rw, {.length = 1}),
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
         fillWindow(t), t.wait(300),
             t.server(CreditUpdate, {.bufAlloc = kWindow, .fwdCnt = kWindow});
         t.wait(1), t.client(Rw, {.length = 9});
       },
       [](auto& t) {  // goes on long after credit is there: it was not waiting
         fillWindow(t), t.wait(300),
             t.server(CreditUpdate, {.bufAlloc = kWindow, .fwdCnt = kWindow});
         t.wait(3000), t.client(Rw, {.length = 9});
       }},
      {CreditRequestUnanswered,
       [](auto& t) { t.open(), t.client(CreditRequest), t.wait(1500), t.advance(); },
       [](auto& t) {
         t.open(), t.client(CreditRequest), t.wait(10), t.server(CreditUpdate);
         t.wait(1500), t.advance();
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
       [](auto& t) {
         fillWindow(t), t.wait(1), t.client(Shutdown, {.flags = kBoth}), t.serverRst();
       },
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
      {IdleConnection, [](auto& t) { t.open(), t.wait(75'000), t.advance(); },
       [](auto& t) { t.open(), t.client(Rw, {.length = 1}), t.wait(75'000), t.advance(); }},
      {TimeSteppedBack, [](auto& t) { t.open(), t.wait(-5000), t.client(Rw, {.length = 1}); },
       [](auto& t) { t.open(), t.client(Rw, {.length = 1}); }},
      {ConnectionsEvicted,
       [](auto& t) { openThree(t, false); },
       [](auto& t) { openThree(t, true); },
       {.live = 2}},
  };
  return kCases;
}

/// Records that have the anomaly, and ones that are as they should be.
Case ofRecords(Anomaly anomaly, std::vector<std::byte> odd, std::vector<std::byte> plain) {
  return {codeOf(anomaly), [odd](Conversation& t) { t.take(odd); },
          [plain](Conversation& t) { t.take(plain); }};
}

/// The same of one record with a field changed.
template <typename Change>
Case ofField(Anomaly anomaly, Change&& change) {
  RecordBuilder record = rw();
  change(record);
  return ofRecords(anomaly, record.bytes("hello"), rw().bytes("hello"));
}

const std::vector<Case>& recordCases() {
  using enum Anomaly;
  static const std::vector<Case> kCases = {
      ofRecords(VsockmonHeaderTruncated, cutTo(rw().bytes(), 31), rw().bytes("hello")),
      ofRecords(TransportHeaderTruncated, cutTo(rw().bytes(), 75), rw().bytes("hello")),
      ofRecords(PayloadMissing, rw().bytes("hell"), rw().bytes("hello")),
      {codeOf(CapturedExceedsLength), [](Conversation& t) { t.take(rw().bytes("hello"), 80); },
       [](Conversation& t) { t.take(rw().bytes("hello"), 81); }},
      ofField(TransportLengthUnexpected,
              [](RecordBuilder& r) { r.monitor.transportLengthBytes = 45; }),
      ofField(AddressMismatch, [](RecordBuilder& r) { r.monitor.src.port = Port{1}; }),
      ofField(OpMismatch, [](RecordBuilder& r) { r.monitor.op = MonitorOp::Control; }),
      ofRecords(TapExcess, rw().bytes("hello, world"), rw().bytes("hello")),
      ofRecords(PayloadUnexpected, RecordBuilder::of(CreditUpdate, 5).bytes("hello"),
                RecordBuilder::of(CreditUpdate).bytes()),
      ofField(UnknownTransport, [](RecordBuilder& r) { r.monitor.transport = Transport{9}; }),
      ofField(UnknownType, [](RecordBuilder& r) { r.virtio.type = VirtioType{9}; }),
      ofField(UnknownOp, [](RecordBuilder& r) { r.virtio.op = VirtioOp{99}; }),
      ofField(ReservedNotZero, [](RecordBuilder& r) { r.monitor.reserved = 1; }),
      ofField(CidBeyond32Bits, [](RecordBuilder& r) { r.monitor.dst.cid = Cid{1ULL << 32}; }),
  };
  return kCases;
}

}  // namespace

std::vector<FindingCase> findingCases() {
  std::vector<FindingCase> all = connectionCases();
  all.insert(all.end(), recordCases().begin(), recordCases().end());
  return all;
}

}  // namespace vsdump::support
