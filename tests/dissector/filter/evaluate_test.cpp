// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/evaluate.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dissector/filter/filter.h"
#include "tests/support/random_filters.h"
#include "tests/support/record_builder.h"

namespace vsdump::filter {
namespace {

using support::RecordBuilder;

bool matches(std::string_view text, const std::vector<std::byte>& bytes, std::size_t wire = 0) {
  const auto filter = parse(text);
  EXPECT_TRUE(filter) << text;
  return filter->matches(
      {.bytes = bytes,
       .wireLengthBytes = static_cast<std::uint32_t>(wire == 0 ? bytes.size() : wire)});
}

std::vector<std::byte> between(std::uint64_t source, std::uint64_t destination) {
  RecordBuilder record;
  record.monitor.src = {Cid{source}, Port{10}};
  record.monitor.dst = {Cid{destination}, Port{20}};
  return record.bytes();
}

std::vector<std::byte> cut(std::vector<std::byte> bytes, std::size_t size) {
  bytes.resize(size);
  return bytes;
}

TEST(FilterEvaluation, ReadsEachFieldAsThePacketHasIt) {
  support::RandomFilters random(6);
  for (int i = 0; i < 5000; ++i) {
    const auto record = random.record(262144);
    const Packet packet = dissect(record.frame());
    const auto is = [&](const std::string& field, std::uint64_t value) {
      return matches(field + " = " + std::to_string(value), record.bytes);
    };
    if (packet.decoded != Decoded::Nothing) {
      EXPECT_TRUE(is("src_cid", raw(packet.monitor.src.cid)));
      EXPECT_TRUE(is("dst_cid", raw(packet.monitor.dst.cid)));
      EXPECT_TRUE(is("src_port", raw(packet.monitor.src.port)));
      EXPECT_TRUE(is("dst_port", raw(packet.monitor.dst.port)));
      EXPECT_EQ(matches("connect", record.bytes), packet.monitor.op == MonitorOp::Connect);
      EXPECT_EQ(matches("transport virtio", record.bytes),
                packet.monitor.transport == Transport::Virtio);
    }
    if (packet.decoded == Decoded::Virtio) {
      EXPECT_TRUE(is("payload_len", packet.virtio.payloadLengthBytes));
      EXPECT_TRUE(is("flags", packet.virtio.flags));
      EXPECT_TRUE(is("buf_alloc", packet.virtio.bufAlloc));
      EXPECT_TRUE(is("fwd_cnt", packet.virtio.fwdCnt));
      EXPECT_TRUE(
          matches("op " + std::to_string(static_cast<int>(packet.virtio.op)), record.bytes));
      EXPECT_TRUE(
          matches("type " + std::to_string(static_cast<int>(packet.virtio.type)), record.bytes));
    }
  }
}

TEST(FilterEvaluation, KeepsWhatMayBelongToAConnectionOverLoopback) {
  // 1.10 > 2.20, answered by 1.20 > 1.10.
  RecordBuilder request;
  request.monitor.src = {Cid{1}, Port{10}};
  request.monitor.dst = {Cid{2}, Port{20}};
  RecordBuilder reply;
  reply.monitor.src = {Cid{1}, Port{20}};
  reply.monitor.dst = {Cid{1}, Port{10}};
  for (const std::string text :
       {"cid 2", "cid host", "cid 1", "conn 1.10 2.20", "conn 2.20 1.10"}) {
    EXPECT_TRUE(matches(text, request.bytes())) << text;
    EXPECT_TRUE(matches(text, reply.bytes())) << text;
  }
  EXPECT_FALSE(matches("conn 1.20 2.10", reply.bytes()));
  EXPECT_FALSE(matches("cid 3", reply.bytes()));
  EXPECT_FALSE(matches("src cid 2", reply.bytes()));
  // One packet cannot tell, so the negation keeps it too.
  EXPECT_FALSE(matches("not cid 2", request.bytes()));
  EXPECT_TRUE(matches("not cid 2", reply.bytes()));
  EXPECT_TRUE(matches("not conn 1.20 1.10", reply.bytes()));
  EXPECT_FALSE(matches("not cid 1", reply.bytes()));
  EXPECT_TRUE(matches("not not cid 2", reply.bytes()));
}

TEST(FilterEvaluation, ComparesCidsOf64Bits) {
  EXPECT_TRUE(matches("src cid 0x100000003", between(0x100000003, 2)));
  EXPECT_FALSE(matches("src cid 3", between(0x100000003, 2)));
  EXPECT_TRUE(matches("src_cid > 0xffffffff", between(0x100000003, 2)));
  EXPECT_FALSE(matches("dst_cid > 2", between(3, 2)));
}

TEST(FilterEvaluation, IsFalseForFieldsOfAnotherTransportAndTrueForTheirNegation) {
  RecordBuilder record;
  record.monitor.transport = Transport::NoInfo;
  for (const std::string text : {"op rw", "type stream", "payload_len >= 0", "payload_len != 7"}) {
    EXPECT_FALSE(matches(text, record.bytes())) << text;
    EXPECT_TRUE(matches("not (" + text + ")", record.bytes())) << text;
  }
  record.monitor.transport = Transport::Virtio;
  record.monitor.transportLengthBytes = 43;
  EXPECT_FALSE(matches("op rw", record.bytes()));
  EXPECT_TRUE(matches("not op rw", record.bytes()));
}

TEST(FilterEvaluation, RejectsWhatIsCutOffWhateverTheRestSays) {
  const auto whole = RecordBuilder::of(VirtioOp::Rw).bytes();
  EXPECT_TRUE(matches("op rw", cut(whole, 64), 76));
  EXPECT_FALSE(matches("op rw", cut(whole, 63), 76));
  EXPECT_FALSE(matches("not op rw", cut(whole, 63), 76));
  EXPECT_FALSE(matches("op rst or port 1024", cut(whole, 63), 76));
  EXPECT_TRUE(matches("port 1024 or op rst", cut(whole, 63), 76));
  EXPECT_FALSE(matches("not link[100] = 1", whole));
  EXPECT_FALSE(matches("link[0xffffffff:4] = 0", whole));
  EXPECT_FALSE(matches("link[0] / link[6] = 0 or len > 0", whole)) << "a division by 0";
}

TEST(FilterEvaluation, TellsCapturedFromSent) {
  const auto bytes = RecordBuilder::of(VirtioOp::Rw).bytes();
  EXPECT_TRUE(matches("len = 1000 and caplen = 76", bytes, 1000));
  EXPECT_TRUE(matches("greater 1000 and less 1000", bytes, 1000));
}

TEST(FilterEvaluation, KnowsTheFlagsOfTheirOps) {
  RecordBuilder record = RecordBuilder::of(VirtioOp::Rw);
  record.virtio.flags = 1;
  EXPECT_FALSE(matches("eom", record.bytes()));
  record.virtio.type = VirtioType::Seqpacket;
  EXPECT_TRUE(matches("eom and not eor", record.bytes()));
  EXPECT_FALSE(matches("shutdown_rcv", record.bytes()));
  record = RecordBuilder::of(VirtioOp::Shutdown);
  record.virtio.flags = 2;
  EXPECT_TRUE(matches("shutdown_send and not shutdown_rcv", record.bytes()));
}

TEST(FilterEvaluation, FindsBytesInThePayloadAndNowhereElse) {
  auto record = RecordBuilder::of(VirtioOp::Rw, 5);
  EXPECT_TRUE(matches("payload contains ell", record.bytes("hello world")));
  EXPECT_FALSE(matches("payload contains world", record.bytes("hello world")))
      << "the tap's excess";
  EXPECT_FALSE(matches("payload contains 0x0002", record.bytes("hello")));
  record.virtio.payloadLengthBytes = 11;
  EXPECT_TRUE(matches("payload contains \"o w\"", record.bytes("hello world")));
  const auto half = cut(record.bytes("hello world"), 80);
  EXPECT_TRUE(matches("payload contains hell", half, 87));
  EXPECT_FALSE(matches("payload contains world", half, 87));
  EXPECT_FALSE(matches("not payload contains world", half, 87)) << "it may be in what was cut off";
  // A transport header that is longer than virtio's moves the payload.
  record.monitor.transportLengthBytes = 48;
  EXPECT_FALSE(matches("payload contains hell", record.bytes("hello world")));
  EXPECT_TRUE(matches("payload contains \"o world\"", record.bytes("hello world")));
}

}  // namespace
}  // namespace vsdump::filter
