// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/selector.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/record_builder.h"

namespace vsdump::filter {
namespace {

using enum VirtioOp;
using support::RecordBuilder;

/// A capture that a test writes down packet by packet.
class Capture {
 public:
  Address client{Cid{3}, Port{9999}};
  Address server{Cid{2}, Port{5000}};

  void add(const Address& from, const Address& to, VirtioOp op, std::uint32_t bufAlloc = 262144) {
    RecordBuilder record = RecordBuilder::of(op);
    record.monitor.src = record.virtio.src = from;
    record.monitor.dst = record.virtio.dst = to;
    record.virtio.bufAlloc = bufAlloc;
    bytes_.push_back(record.bytes());
    Frame frame = support::frameOf(bytes_.back());
    frame.timestampNs = timeNs_ += 1'000'000;
    frame.number = FrameNumber{1};  // as many files read one after the other may have it
    frames_.push_back(frame);
  }
  void refusedBy(Port port) {
    const Address asked{server.cid, port};
    add(client, asked, Request);
    add(asked, client, Rst, 0);
  }
  void opened() {
    add(client, server, Request);
    add(server, client, Response);
  }

  /// The numbers of the packets that a filter selects, from 1: after a first reading, or without.
  std::string selected(std::string_view text, bool isReadTwice = true,
                       ServiceNames services = {}) const {
    const auto filter = parse(text, services);
    if (!filter) return filter.error().message;
    std::shared_ptr<CaptureFacts> facts;
    if (isReadTwice) {
      facts = std::make_shared<CaptureFacts>(*filter->expression());
      for (const Frame& frame : frames_) facts->take(frame);
      facts->finish();
    }
    Selector selector(*filter, std::make_shared<ServiceNames>(std::move(services)), facts);
    std::string out;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      if (selector.matches(frames_[i])) out += std::to_string(i + 1) + ' ';
    }
    return out;
  }

 private:
  std::deque<std::vector<std::byte>> bytes_;
  std::vector<Frame> frames_;
  std::int64_t timeNs_ = 1'700'000'000'000'000'000;
};

TEST(FilterSelector, KeepsTheWholeConnectionsThatHaveAFindingOrAState) {
  Capture capture;
  capture.opened();               // 1, 2
  capture.refusedBy(Port{6000});  // 3, 4
  capture.add(capture.client, capture.server, Rw);
  capture.add(capture.server, capture.client, Rst);
  EXPECT_EQ(capture.selected("finding connect-refused"), "3 4 ");
  EXPECT_EQ(capture.selected("finding reset-without-shutdown"), "1 2 5 6 ");
  EXPECT_EQ(capture.selected("finding (connect-refused or reset-without-shutdown) and op request"),
            "1 3 ");
  EXPECT_EQ(capture.selected("state refused"), "3 4 ");
  EXPECT_EQ(capture.selected("state reset"), "1 2 5 6 ");
  EXPECT_EQ(capture.selected("not state reset"), "3 4 ");
  EXPECT_EQ(capture.selected("state open"), "");
}

TEST(FilterSelector, KeepsThePacketsThatProveAFinding) {
  Capture capture;
  capture.opened();
  capture.refusedBy(Port{6000});
  capture.refusedBy(Port{6001});
  EXPECT_EQ(capture.selected("finding-packet connect-refused"), "3 4 5 6 ");
  EXPECT_EQ(capture.selected("finding-packet connect-refused and port 6001"), "5 6 ");
  EXPECT_EQ(capture.selected("finding-packet credit-stall"), "");
}

TEST(FilterSelector, KnowsOfAPacketWhatCameUpToItWhereNothingIsReadTwice) {
  Capture capture;
  capture.opened();
  capture.refusedBy(Port{6000});
  capture.add(capture.client, capture.server, Rw);
  capture.add(capture.server, capture.client, Rst);
  EXPECT_EQ(capture.selected("finding connect-refused", false), "4 ");
  EXPECT_EQ(capture.selected("finding-packet connect-refused", false), "4 ");
  EXPECT_EQ(capture.selected("state open", false), "2 5 ");
  EXPECT_EQ(capture.selected("state reset", false), "6 ");
}

TEST(FilterSelector, CountsConnectionsAsTheyAppear) {
  Capture capture;
  capture.opened();
  capture.refusedBy(Port{6000});
  capture.add(capture.client, capture.server, Rw);
  EXPECT_EQ(capture.selected("connection 0"), "1 2 5 ");
  EXPECT_EQ(capture.selected("connection 1"), "3 4 ");
  EXPECT_EQ(capture.selected("connection (0 or 1) and op request"), "1 3 ");
  EXPECT_EQ(capture.selected("connection 2"), "");
}

TEST(FilterSelector, KnowsTheServiceOfBothWays) {
  Capture capture;
  capture.server = {Cid{3}, Port{1024}};
  capture.client = {Cid{2}, Port{22}};
  capture.opened();
  EXPECT_EQ(capture.selected("service kata"), "1 2 ");
  EXPECT_EQ(capture.selected("service kata-agent"), "1 2 ");
  EXPECT_EQ(capture.selected("service ssh"), "") << "22 is the client's port";
  EXPECT_EQ(capture.selected("service kata-log"), "");
  ServiceNames services;
  ASSERT_TRUE(services.addFile("mine 1024\n").empty());
  EXPECT_EQ(capture.selected("service mine", true, std::move(services)), "1 2 ");
}

TEST(FilterSelector, LeavesPacketsWithoutAConnectionToTheNegation) {
  Capture capture;
  capture.opened();
  const std::string both = capture.selected("not connection 7");
  EXPECT_EQ(both, "1 2 ");
  const std::vector<std::byte> cut = RecordBuilder::of(Rw).monitorBytes();
  Selector selector(*parse("connection 0"));
  EXPECT_FALSE(selector.matches(support::frameOf(cut)));
  Selector inverted(*parse("not connection 0"));
  EXPECT_TRUE(inverted.matches(support::frameOf(cut)));
}

TEST(FilterSelector, FoldsLoopbackIntoOneConnection) {
  Capture capture;
  const Address client{Cid{1}, Port{9999}};
  const Address asked{Cid{2}, Port{5000}};
  const Address answering{Cid{1}, Port{5000}};
  capture.add(client, asked, Request);               // 1
  capture.add(answering, client, Response);          // 2
  capture.add(answering, client, Rst);               // 3
  capture.add(client, answering, Request, 100'000);  // 4: another one, with the same ports
  capture.add(answering, client, Rst, 0);            // 5
  capture.add(client, asked, Request, 200'000);      // 6
  capture.add(answering, client, Response);          // 7
  capture.add(asked, client, Rst, 0);                // 8: the third form
  EXPECT_EQ(capture.selected("cid 2"), "1 2 3 6 7 8 ");
  EXPECT_EQ(capture.selected("not cid 2"), "4 5 ");
  EXPECT_EQ(capture.selected("cid 1"), "1 2 3 4 5 6 7 8 ");
  EXPECT_EQ(capture.selected("conn 1.9999 2.5000"), "1 2 3 6 7 8 ");
  EXPECT_EQ(capture.selected("conn 2.5000 1.9999"), "1 2 3 6 7 8 ");
  EXPECT_EQ(capture.selected("conn 1.5000 1.9999"), "4 5 ");
  EXPECT_EQ(capture.selected("not conn 1.9999 1.5000"), "1 2 3 6 7 8 ");
  EXPECT_EQ(capture.selected("src cid 2"), "8 ") << "the packet's own address";
}

TEST(FilterSelector, FoldsWhatAGuestSendsToItsOwnCid) {
  Capture capture;
  const Address client{Cid{1}, Port{9999}};
  const Address asked{Cid{42}, Port{5000}};
  const Address answering{Cid{1}, Port{5000}};
  capture.add(client, asked, Request);
  capture.add(answering, client, Response);
  EXPECT_EQ(capture.selected("cid 42"), "1 2 ");
  EXPECT_EQ(capture.selected("conn 1.9999 42.5000"), "1 2 ");
  EXPECT_EQ(capture.selected("cid 2"), "");
}

TEST(FilterSelector, KeepsTooMuchOfLoopbackRatherThanTooLittle) {
  Capture capture;
  const Address client{Cid{1}, Port{9999}};
  const Address answering{Cid{1}, Port{5000}};
  capture.add(answering, client, Rw);  // its beginning was not seen
  EXPECT_EQ(capture.selected("cid 2"), "1 ");
  EXPECT_EQ(capture.selected("not cid 2"), "1 ");
}

TEST(FilterNeeds, AreThoseOfTheMostDemandingPart) {
  const auto need = [](std::string_view text) { return needOf(*parse(text)->expression()); };
  EXPECT_EQ(need("port 22 and cid 1 and src cid 2"), Need::Record);
  EXPECT_EQ(need("port 22 and not cid 2"), Need::Loopback);
  EXPECT_EQ(need("conn 2.1 3.2"), Need::Record);
  EXPECT_EQ(need("conn 2.1 1.2"), Need::Loopback);
  EXPECT_EQ(need("cid 2 or service ssh"), Need::Connection);
  EXPECT_EQ(need("connection 1 and (port 22 or state open)"), Need::Capture);
}

}  // namespace
}  // namespace vsdump::filter
