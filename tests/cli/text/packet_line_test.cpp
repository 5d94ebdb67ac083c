// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/packet_line.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/record_builder.h"

namespace vsdump {
namespace {

using support::RecordBuilder;

std::string lineOf(PacketPrinter& printer, const std::vector<std::byte>& bytes,
                   const PacketContext& context) {
  Frame frame = support::frameOf(bytes);
  frame.timestampNs = 1'700'000'000'123'456'789;
  LineBuffer out;
  printer.print(out, frame, dissect(frame), 1, &context);
  return std::string(out.text());
}

/// Most lines are put together from parts that are ready. With -v a line takes the way of all
/// others, and says the same before it goes on.
RC_GTEST_PROP(PacketLine, SaysTheSameWhicheverWayItWasMade, ()) {
  static const std::vector<std::string_view> names{"", "nbd", "kata-agent",
                                                   "a-name-longer-than-there-is-room-for"};
  const TextStyle style{.names = *rc::gen::arbitrary<bool>(), .color = *rc::gen::arbitrary<bool>()};
  TextStyle verbose = style;
  verbose.verbosity = 1;
  PacketPrinter printer(style);
  const auto steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    const auto op = *rc::gen::element(VirtioOp::Rw, VirtioOp::Rw, VirtioOp::CreditUpdate,
                                      VirtioOp::CreditRequest, VirtioOp::Shutdown);
    RecordBuilder record = RecordBuilder::of(op, 4);
    record.virtio.type = *rc::gen::element(VirtioType::Stream, VirtioType::Seqpacket);
    record.virtio.flags = *rc::gen::element(0U, 0U, 1U);
    record.virtio.fwdCnt = *rc::gen::element(0U, 999U, 1000U, 4'294'967'295U);
    record.virtio.src.cid = record.monitor.src.cid =
        Cid{*rc::gen::element<std::uint64_t>(3, 4, 4'294'967'294, 4'294'967'299)};
    record.virtio.dst.port = record.monitor.dst.port = Port{*rc::gen::element(1024U, 1025U)};
    PacketContext context;
    context.seen.connection = ConnectionId{*rc::gen::element(7U, 8U, 7U + 2048U)};
    context.seen.direction = *rc::gen::element(Direction::ToServer, Direction::ToClient);
    context.seen.beginsConnection = *rc::gen::element(false, false, true);
    context.seen.isDuplicate = *rc::gen::element(false, false, true);
    context.seen.window = 1000;
    context.seen.credit = *rc::gen::element(499U, 500U, Observation::kUnknownCredit);
    context.service = {.name = *rc::gen::elementOf(names), .isGuess = *rc::gen::arbitrary<bool>()};
    const auto bytes = record.bytes(op == VirtioOp::Rw ? "data" : "");
    const std::string line = lineOf(printer, bytes, context);
    PacketPrinter other(verbose);
    const std::string longer = lineOf(other, bytes, context);
    RC_ASSERT(line.ends_with('\n'));
    RC_ASSERT(longer.starts_with(line.substr(0, line.size() - 1) + " [vsockmon src_cid "));
    PacketPrinter fresh(style);
    RC_ASSERT(line == lineOf(fresh, bytes, context));
  }
}

TEST(PacketLine, NamesFlowAndMeaning) {
  PacketPrinter printer({.timestamps = TimestampStyle::None});
  PacketContext context;
  context.seen.connection = ConnectionId{12};
  context.service = {.name = "nbd", .isGuess = true};
  const auto payload = RecordBuilder::of(VirtioOp::Rw, 4).bytes("data");
  RecordBuilder credit = RecordBuilder::of(VirtioOp::CreditUpdate);
  credit.virtio.fwdCnt = 20357;
  EXPECT_EQ(lineOf(printer, payload, context) + lineOf(printer, credit.bytes(), context),
            "VIRTIO 3.1024 > 2.5000 PAYLOAD, length 80: #12 nbd? -> RW 4\n"
            "VIRTIO 3.1024 > 2.5000 CONTROL, length 76: #12 nbd? -> CREDIT_UPDATE fwd_cnt 20357\n");
}

}  // namespace
}  // namespace vsdump
