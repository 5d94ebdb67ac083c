// SPDX-License-Identifier: GPL-2.0-or-later
// Traffic of a model of the protocol: what the tracker says of it is compared with what happened.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "tests/dissector/connection/conversation.h"

namespace vsdump {
namespace {

using enum VirtioOp;
using support::Conversation;
using support::kBoth;

/// One side of a connection: what its kernel knows.
struct End {
  std::uint32_t buffer = 262144;
  std::uint64_t sent = 0;
  std::uint64_t read = 0;  ///< of what the other side has sent, and told with each packet
  std::uint64_t told = 0;  ///< of `sent`, as the other side has told
  bool sends = true;
};

/// Two kernels that keep to the rules, and a tap that loses some packets.
class Model {
 public:
  Model(Conversation& talk, int lossPercent) : talk_(talk), lossPercent_(lossPercent) {}

  /// Connects from `port`, where the side of the server that listens has `buffer` bytes.
  void open(std::uint32_t port, std::uint32_t buffer) {
    ends_ = {};
    ends_[1].buffer = buffer;
    talk_.clientEnd.port = Port{port};
    put(0, Request);
    put(1, Response);
    ++opened;
  }

  std::uint64_t creditOf(std::size_t side) const {
    const End& own = ends_[side];
    return ends_[1 - side].buffer - (own.sent - own.told);
  }
  bool sends(std::size_t side) const { return ends_[side].sends; }

  void send(std::size_t side, std::uint32_t length) {
    ends_[side].sent += length;
    sent[side] += length;
    put(side, Rw, length);
  }
  /// Reads everything and says so.
  void readAll(std::size_t side) {
    ends_[side].read = ends_[1 - side].sent;
    put(side, CreditUpdate);
  }
  void halfClose(std::size_t side) {
    ends_[side].sends = false;
    put(side, Shutdown, 0, 2);
  }
  void close() {
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) readAll(side);
    if (ends_[0].sends || ends_[1].sends) halfClose(0);
    put(1, Shutdown, 0, kBoth);
    put(0, Rst);
    talk_.wait(1);
  }

  std::array<std::uint64_t, 2> sent{};  ///< in all connections, each way
  std::array<std::uint64_t, 2> lost{};  ///< of it, what the tap has lost
  std::uint64_t opened = 0;

 private:
  void put(std::size_t side, VirtioOp op, std::uint32_t length = 0, std::uint32_t flags = 0) {
    ends_[1 - side].told = ends_[side].read;
    talk_.timeNs += 50'000;
    const bool isLost = lossPercent_ != 0 && *rc::gen::inRange(0, 100) < lossPercent_;
    if (isLost) {
      lost[side] += length;
      return;
    }
    const support::PacketFields fields{.length = length,
                                       .flags = flags,
                                       .bufAlloc = ends_[side].buffer,
                                       .fwdCnt = static_cast<std::uint32_t>(ends_[side].read)};
    const Observation seen = side == 0 ? talk_.client(op, fields) : talk_.server(op, fields);
    if (seen.credit == Observation::kUnknownCredit) return;
    RC_ASSERT(seen.credit <= seen.window);
    if (lossPercent_ == 0) RC_ASSERT(seen.credit == creditOf(side));
  }

  Conversation& talk_;
  int lossPercent_;
  std::array<End, 2> ends_{};
};

/// Some connections one after another, from few ports. `spare` bytes of credit are never used.
void converse(Model& model, std::uint32_t buffer, std::uint64_t spare) {
  const auto rounds = *rc::gen::inRange(1, 6);
  for (int round = 0; round < rounds; ++round) {
    model.open(*rc::gen::inRange(6000U, 6003U), buffer);
    const auto steps = *rc::gen::inRange(0, 40);
    for (int i = 0; i < steps; ++i) {
      const std::size_t side = *rc::gen::inRange<std::size_t>(0, 2);
      const auto what = *rc::gen::inRange(0, 12);
      if (what == 0 && side == 0 && model.sends(0)) {
        model.halfClose(0);
      } else if (what < 4) {
        model.readAll(side);
      } else if (model.sends(side) && model.creditOf(side) > spare) {
        const std::uint64_t most = model.creditOf(side) - spare;
        const auto wanted = *rc::gen::inRange(1U, 3000U);
        model.send(side, static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, most)));
      }
    }
    model.close();
  }
}

std::array<std::uint64_t, 2> sumOf(const Conversation& talk, std::uint64_t Flow::*what) {
  std::array<std::uint64_t, 2> sums{};
  for (const Connection& row : talk.rows) {
    for (std::size_t d = 0; d < sums.size(); ++d) sums[d] += row.flows[d].*what;
  }
  return sums;
}

RC_GTEST_PROP(ConnectionTracker, SaysOfModelledTrafficWhatHappened, ()) {
  Conversation talk;
  Model model(talk, 0);
  converse(model, 262144, 1);
  talk.finish();
  RC_ASSERT(talk.codes() == "");
  RC_ASSERT(talk.rows.size() == model.opened);
  RC_ASSERT(sumOf(talk, &Flow::bytes) == model.sent);
  for (const Connection& row : talk.rows) RC_ASSERT(row.state == ConnectionState::Closed);
}

RC_GTEST_PROP(ConnectionTracker, KnowsCreditToTheByteInSmallWindows, ()) {
  Conversation talk;
  Model model(talk, 0);
  converse(model, 4096, 0);
  talk.finish();
  std::string others;
  for (const Finding& finding : talk.findings) {
    const std::string_view code = describe(finding.code).code;
    const bool isOfCredit = code == "credit-stall" || code == "credit-exhausted" ||
                            code == "slow-reader" || code == "window-too-small" ||
                            code == "possibly-blocked";
    if (!isOfCredit) others += code;
  }
  RC_ASSERT(others == "");
  RC_ASSERT(sumOf(talk, &Flow::bytes) == model.sent);
}

RC_GTEST_PROP(ConnectionTracker, NeverClaimsMoreLossThanThereWas, ()) {
  Conversation talk;
  Model model(talk, 10);
  converse(model, 262144, 1);
  talk.finish();
  const auto bytes = sumOf(talk, &Flow::bytes);
  const auto lost = sumOf(talk, &Flow::lostBytes);
  std::uint64_t all = 0;
  std::uint64_t allLost = 0;
  for (std::size_t d = 0; d < bytes.size(); ++d) {
    all += bytes[d];
    allLost += lost[d];
  }
  RC_ASSERT(all == model.sent[0] + model.sent[1] - model.lost[0] - model.lost[1]);
  RC_ASSERT(allLost <= model.lost[0] + model.lost[1]);
}

}  // namespace
}  // namespace vsdump
