// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/waiting_requests.h"

#include <utility>

namespace vsdump::payload {

void WaitingRequests::add(std::uint64_t key, Message request) {
  settle(key, Outcome::Unknown);
  if (waiting_.size() >= most_) settle(waiting_.begin()->first, Outcome::Unknown);
  consumer_.asked(request);
  waiting_.emplace(key, Waiting{.message = std::move(request)});
}

Message* WaitingRequests::find(std::uint64_t key) {
  const auto found = waiting_.find(key);
  return found == waiting_.end() ? nullptr : &found->second.message;
}

void WaitingRequests::settle(std::uint64_t key, Outcome outcome) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return;
  found->second.message.outcome = outcome;
  consumer_.done(found->second.message);
  waiting_.erase(found);
}

void WaitingRequests::handOver(std::uint64_t key, std::uint64_t nextKey) {
  auto node = waiting_.extract(key);
  if (node.empty()) return;
  settle(nextKey, Outcome::Unknown);
  node.key() = nextKey;
  node.mapped().isHandedOver = true;
  waiting_.insert(std::move(node));
}

void WaitingRequests::doubt(Direction d) {
  for (auto& [key, waiting] : waiting_) {
    if (waiting.message.direction != d) waiting.isDoubtful = true;
  }
}

void WaitingRequests::settleAll(Outcome outcome) {
  for (auto& [key, waiting] : std::exchange(waiting_, {})) tell(waiting, outcome);
}

void WaitingRequests::settleForTurn(Outcome outcome) {
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    if (std::exchange(each->second.isHandedOver, false)) {
      ++each;
    } else {
      tell(each->second, outcome);
      each = waiting_.erase(each);
    }
  }
}

void WaitingRequests::tell(Waiting& waiting, Outcome outcome) {
  waiting.message.outcome = waiting.isDoubtful ? Outcome::Unknown : outcome;
  consumer_.done(waiting.message);
}

}  // namespace vsdump::payload
