// SPDX-License-Identifier: GPL-2.0-or-later
// Traffic in which most packets are usual ones, and now and then something is not. That the short
// way says the same as the long one is what Conversation compares, packet by packet.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "tests/dissector/connection/conversation.h"

namespace vsdump {
namespace {

using enum VirtioOp;
using support::Conversation;

/// One side of a connection: what its packets say.
struct Side {
  std::uint32_t buffer = 262144;
  std::uint32_t sent = 0;
  std::uint32_t told = 0;  ///< of what the other side has sent
};

/// Some connections at once, of which packets come in any order.
class Traffic {
 public:
  explicit Traffic(Conversation& talk) : talk_(talk) {
    for (std::size_t c = 0; c < sides_.size(); ++c) open(c);
  }

  void step() {
    const std::size_t c = *rc::gen::inRange<std::size_t>(0, sides_.size());
    const std::size_t s = *rc::gen::inRange<std::size_t>(0, 2);
    Side& own = sides_[c][s];
    Side& other = sides_[c][1 - s];
    talk_.timeNs += *rc::gen::element<std::int64_t>(10, 3000, 2'000'000);
    const int what = *rc::gen::inRange(0, 200);
    if (what < 80) {
      const auto length = *rc::gen::inRange(0U, 3000U);
      own.sent += length;
      return put(c, s, Rw, {.length = length});
    }
    if (what < 150) {
      own.told = other.sent;
      return put(c, s, CreditUpdate);
    }
    switch (what) {
      case 150:  // what nobody has sent
        own.told = other.sent + 1;
        return put(c, s, CreditUpdate);
      case 151:  // back
        own.told -= 100;
        return put(c, s, CreditUpdate);
      case 152:
      case 153:
        own.buffer = *rc::gen::element(4096U, 8192U, 262144U);
        return put(c, s, CreditUpdate);
      case 154:
        return put(c, s, CreditRequest);
      case 155:
        return put(c, s, Shutdown, {.flags = *rc::gen::element(1U, 1U, 2U, 3U)});
      case 156:
      case 157:
        return open(c);
      case 158:
        talk_.timeNs -= 1000;
        return put(c, s, CreditUpdate);
      case 159:
        talk_.timeNs += 11'000'000'000;
        return put(c, s, CreditUpdate);
      case 160:
      case 161:
      case 162:
      case 163:  // exactly as much as the other side's buffer, or as its own
        return fill(c, s, *rc::gen::arbitrary<bool>() ? own.buffer : other.buffer);
      case 164:
      case 165:
        return putSplit(c, s);
      case 166:  // recorded twice
        put(c, 1, Response);
        return;
      default:
        return put(c, s, Rw, {.length = 1, .flags = *rc::gen::inRange(0U, 2U)});
    }
  }

 private:
  void open(std::size_t c) {
    sides_[c] = {};
    sides_[c][1].buffer = *rc::gen::element(4096U, 262144U);
    put(c, 0, Request);
    talk_.wait(1);
    put(c, 1, Response);
    talk_.wait(1);
  }

  void fill(std::size_t c, std::size_t s, std::uint32_t room) {
    Side& own = sides_[c][s];
    const std::uint32_t inFlight = own.sent - sides_[c][1 - s].told;
    if (inFlight >= room || room - inFlight > 300'000) return;
    own.sent += room - inFlight;
    put(c, s, Rw, {.length = room - inFlight});
  }

  /// The first of two parts, as kernels 6.7 to 7.0 tap it.
  void putSplit(std::size_t c, std::size_t s) {
    Side& own = sides_[c][s];
    own.sent += 50;
    auto fields = fieldsOf(c, s, {.length = 50});
    fields.payload = std::string(100, 'x');
    send(c, s, Rw, std::move(fields));
  }

  support::PacketFields fieldsOf(std::size_t c, std::size_t s, support::PacketFields fields) const {
    fields.bufAlloc = sides_[c][s].buffer;
    fields.fwdCnt = sides_[c][s].told;
    return fields;
  }

  void put(std::size_t c, std::size_t s, VirtioOp op, support::PacketFields fields = {}) {
    send(c, s, op, fieldsOf(c, s, std::move(fields)));
  }

  void send(std::size_t c, std::size_t s, VirtioOp op, support::PacketFields fields) {
    // The first two have places of their own among the known flows, the others share one.
    constexpr std::array<std::uint32_t, 4> kPorts{6000, 6001, 6002, 6002 + 2048};
    talk_.clientEnd.port = Port{kPorts[c]};
    s == 0 ? talk_.client(op, std::move(fields)) : talk_.server(op, std::move(fields));
  }

  Conversation& talk_;
  std::array<std::array<Side, 2>, 4> sides_{};
};

RC_GTEST_PROP(UsualPackets, AreFollowedAsAllOthers, ()) {
  // So that places of connections that are over become those of others.
  Conversation talk({.live = 3, .lingering = 1});
  Traffic traffic(talk);
  const auto steps = *rc::gen::inRange(0, 300);
  for (int i = 0; i < steps; ++i) traffic.step();
  talk.finish();
}

TEST(UsualPackets, AreJudgedByTheirSizeAsAllOthers) {
  Conversation talk;
  talk.open();
  for (int i = 0; i < 1100; ++i) talk.client(Rw, {.length = 1});
  talk.finish();
  EXPECT_EQ(talk.codes(), "tiny-packets ");
}

TEST(UsualPackets, AreNoneThatFillTheSendersOwnBuffer) {
  Conversation talk;
  talk.open(4096, 262144);
  const auto send = [&](std::uint32_t length) {
    return talk.client(Rw, {.length = length, .bufAlloc = 4096});
  };
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(send(1000).isPossiblyBlocked);
  EXPECT_TRUE(send(1096).isPossiblyBlocked);
  talk.finish();
}

}  // namespace
}  // namespace vsdump
