// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "dissector/payload/message.h"

namespace vsdump::payload {

/// The requests of one connection that wait for their replies, each under the key by which its
/// reply is known. The consumer hears of each once more when it waits no longer.
class WaitingRequests {
 public:
  /// Of more than `most` requests those with the lowest keys are given up.
  WaitingRequests(MessageConsumer& consumer, std::size_t most) : consumer_(consumer), most_(most) {}

  /// A request that has the key already is given up.
  void add(std::uint64_t key, Message request);
  /// nullptr where none waits. **Lifetime** until the next call.
  Message* find(std::uint64_t key);
  /// What became of one. Where none waits, nothing happens.
  void settle(std::uint64_t key, Outcome outcome);
  /// Whoever decodes what follows answers this request, under another key.
  void handOver(std::uint64_t key, std::uint64_t nextKey);
  /// Bytes that go one way were not captured: replies may have been among them.
  void doubt(Direction d);
  /// Nothing answers them any more.
  void settleAll(Outcome outcome);
  /// Nothing answers those any more that were not handed over.
  void settleForTurn(Outcome outcome);

 private:
  struct Waiting {
    Message message;
    bool isDoubtful = false;  ///< the capture may lack the reply
    bool isHandedOver = false;
  };

  void tell(Waiting& waiting, Outcome outcome);

  MessageConsumer& consumer_;
  std::size_t most_;
  std::map<std::uint64_t, Waiting> waiting_;
};

}  // namespace vsdump::payload
