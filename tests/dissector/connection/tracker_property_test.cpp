// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/dissector/connection/conversation.h"

namespace vsdump {
namespace {

using support::Conversation;

/// Whatever comes, in whatever order: reuse, loss, resets and nonsense among it.
RC_GTEST_PROP(ConnectionTracker, KeepsItsBooksWhateverComes, ()) {
  Conversation talk({.live = 4, .lingering = 3});
  std::uint64_t payload = 0;
  std::uint64_t requests = 0;
  std::uint64_t began = 0;
  const auto steps = *rc::gen::inRange(0, 400);
  for (int i = 0; i < steps; ++i) {
    talk.clientEnd.port = Port{*rc::gen::inRange<std::uint32_t>(6000, 6006)};
    talk.timeNs += *rc::gen::element<std::int64_t>(-1000, 1, 2'000'000, 3'000'000'000);
    const auto op = VirtioOp{*rc::gen::inRange<std::uint16_t>(0, 13)};
    const auto length = *rc::gen::element(0U, 1U, 100U, 5000U);
    const support::PacketFields fields{.length = length,
                                       .flags = *rc::gen::inRange(0U, 5U),
                                       .bufAlloc = *rc::gen::element(0U, 4096U, 262144U),
                                       .fwdCnt = *rc::gen::element(0U, 100U, 5000U, 0xFFFFFFF0U)};
    const bool isClient = *rc::gen::arbitrary<bool>();
    const Observation seen = isClient ? talk.client(op, fields) : talk.server(op, fields);
    RC_ASSERT(seen.connection != kNoConnection);
    RC_ASSERT(seen.credit == Observation::kUnknownCredit || seen.credit <= seen.window);
    if (seen.beginsConnection) ++began;
    if (seen.isDuplicate) continue;
    if (op == VirtioOp::Rw) payload += length;
    if (op == VirtioOp::Request && seen.beginsConnection) ++requests;
  }
  talk.finish();
  std::uint64_t bytes = 0;
  std::uint64_t packets = 0;
  std::set<std::uint32_t> ids;
  for (const Connection& row : talk.rows) {
    ids.insert(raw(row.id));
    for (const Flow& flow : row.flows) {
      bytes += flow.bytes;
      packets += flow.packets;
    }
  }
  RC_ASSERT(bytes == payload);
  RC_ASSERT(packets + talk.tracker.totals().duplicates == talk.packets);
  RC_ASSERT(talk.rows.size() == began);
  RC_ASSERT(ids.size() == began);
  RC_ASSERT(requests <= began);
}

/// A well-behaved client and server: whatever they send, nothing is found.
RC_GTEST_PROP(ConnectionTracker, FindsNothingInCleanTraffic, ()) {
  Conversation talk;
  const auto rounds = *rc::gen::inRange(1, 5);
  for (int round = 0; round < rounds; ++round) {
    talk.open();
    std::uint32_t toServer = 0;
    std::uint32_t toClient = 0;
    const auto steps = *rc::gen::inRange(0, 60);
    for (int i = 0; i < steps; ++i) {
      talk.wait(*rc::gen::inRange(0, 500));
      const auto length = *rc::gen::inRange(1U, 4000U);
      if (*rc::gen::arbitrary<bool>()) {
        talk.client(VirtioOp::Rw, {.length = length, .fwdCnt = toClient});
        toServer += length;
      } else {
        talk.server(VirtioOp::Rw, {.length = length, .fwdCnt = toServer});
        toClient += length;
      }
    }
    talk.client(VirtioOp::Shutdown, {.flags = 2, .fwdCnt = toClient});
    talk.server(VirtioOp::Shutdown, {.flags = 3, .fwdCnt = toServer});
    talk.clientRst();
    talk.wait(1);
  }
  talk.finish();
  RC_ASSERT(talk.codes() == "");
  RC_ASSERT(talk.rows.size() == static_cast<std::size_t>(rounds));
}

}  // namespace
}  // namespace vsdump
