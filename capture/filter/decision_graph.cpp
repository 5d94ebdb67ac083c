// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/filter/decision_graph.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "capture/filter/number_code.h"

namespace vsdump {

namespace {

/// A conditional jump reaches this far.
constexpr std::size_t kFarthestJump = 255;
/// So that the jumps of one node reach what stands right behind them.
constexpr std::size_t kMostComparisons = 128;
/// Older answers are forgotten, which bounds the work on filters with thousands of conditions.
constexpr std::size_t kMostFacts = 64;

struct Fact {
  std::size_t test;
  bool answer;

  friend bool operator==(const Fact&, const Fact&) = default;
};
using Answers = std::vector<Fact>;

std::optional<bool> answerIn(const Answers& facts, std::size_t test) {
  const auto fact = std::ranges::find(facts, test, &Fact::test);
  return fact == facts.end() ? std::nullopt : std::optional(fact->answer);
}

/// What is known however a node is reached.
void meet(std::optional<Answers>& known, const Answers& also) {
  if (!known) {
    known = also;
    return;
  }
  std::erase_if(*known,
                [&](const Fact& fact) { return std::ranges::find(also, fact) == also.end(); });
}

}  // namespace

DecisionGraph::DecisionGraph() : nodes_(2) {}

NodeId DecisionGraph::ask(const NumberCode& number, std::vector<Comparison> anyOf, NodeId yes,
                          NodeId no) {
  if (yes == kReject && no == kReject) return kReject;
  while (anyOf.size() > kMostComparisons) {
    const auto rest = anyOf.end() - static_cast<std::ptrdiff_t>(kMostComparisons);
    no = ask(number, {rest, anyOf.end()}, yes, no);
    anyOf.erase(rest, anyOf.end());
  }
  std::vector<std::uint64_t> key;
  for (const bpf_insn& each : number) key.push_back(std::uint64_t{each.code} << 32 | each.k);
  const auto [numberId, isNewNumber] = numberIds_.try_emplace(std::move(key), numbers_.size());
  if (isNewNumber) numbers_.push_back(number);
  const auto testId = testIds_.try_emplace({numberId->second, anyOf}, testIds_.size()).first;
  const auto [node, isNew] = nodeIds_.try_emplace({testId->second, {yes, no}}, nodes_.size());
  if (isNew) {
    nodes_.push_back(Node{.number = numberId->second,
                          .test = testId->second,
                          .anyOf = std::move(anyOf),
                          .yes = yes,
                          .no = no});
  }
  return node->second;
}

std::vector<NodeId> DecisionGraph::reachable(NodeId begin) const {
  // A node has a higher number than those that it leads to.
  std::vector<bool> isReached(nodes_.size());
  isReached[begin] = true;
  std::vector<NodeId> order;
  for (NodeId id = begin + 1; id-- > 0;) {
    if (!isReached[id]) continue;
    if (nodes_[id].isEnd()) continue;
    order.push_back(id);
    isReached[nodes_[id].yes] = true;
    isReached[nodes_[id].no] = true;
  }
  return order;
}

NodeId DecisionGraph::optimize(NodeId begin) {
  std::vector<std::optional<Answers>> known(nodes_.size());
  known[begin] = Answers{};
  for (NodeId id = begin + 1; id-- > 0;) {
    if (!known[id] || nodes_[id].isEnd()) continue;
    const auto followed = [&](NodeId next, bool answer) {
      Answers facts = *known[id];
      if (facts.size() == kMostFacts) facts.erase(facts.begin());
      facts.push_back({nodes_[id].test, answer});
      while (!nodes_[next].isEnd()) {
        const auto told = answerIn(facts, nodes_[next].test);
        if (!told) break;
        next = *told ? nodes_[next].yes : nodes_[next].no;
      }
      meet(known[next], facts);
      return next;
    };
    nodes_[id].yes = followed(nodes_[id].yes, true);
    nodes_[id].no = followed(nodes_[id].no, false);
  }
  return begin;
}

std::vector<bool> DecisionGraph::numberAtHand(const std::vector<NodeId>& order) const {
  constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();
  std::vector<std::optional<std::size_t>> held(nodes_.size());
  std::vector<bool> isAtHand;
  if (!order.empty()) held[order.front()] = kUnknown;
  for (const NodeId id : order) {
    const Node& node = nodes_[id];
    isAtHand.push_back(held[id] == node.number);
    for (const NodeId next : {node.yes, node.no}) {
      if (!held[next]) held[next] = node.number;
      if (held[next] != node.number) held[next] = kUnknown;
    }
  }
  return isAtHand;
}

namespace {

/// Where a node's instructions begin and what they need.
struct Place {
  std::size_t begin = 0;
  std::size_t codeSize = 0;
  bool isFarYes = false;  ///< an instruction of its own leads there
  bool isFarNo = false;
};

}  // namespace

std::vector<bpf_insn> DecisionGraph::assemble(NodeId begin, std::uint32_t accepted,
                                              bool reuse) const {
  const std::vector<NodeId> order = reachable(begin);
  const std::vector<bool> atHand = numberAtHand(order);
  std::vector<Place> places(nodes_.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool isReused = reuse && atHand[i];
    places[order[i]].codeSize = isReused ? 0 : numbers_[nodes_[order[i]].number].size();
  }

  const auto jumpsEnd = [&](NodeId id) {
    return places[id].begin + places[id].codeSize + nodes_[id].anyOf.size();
  };
  /// Whether a jump leads to the return of this verdict at the program's end.
  const auto returnsTo = [&](NodeId end) {
    return begin == end || std::ranges::any_of(order, [&](NodeId id) {
             return (nodes_[id].yes == end && !places[id].isFarYes) ||
                    (nodes_[id].no == end && !places[id].isFarNo);
           });
  };
  // Once far, always far: so this ends.
  std::size_t size = 0;
  for (bool isSettled = false; !isSettled;) {
    isSettled = true;
    size = 0;
    for (const NodeId id : order) {
      Place& place = places[id];
      place.begin = size;
      size = jumpsEnd(id) + (place.isFarYes ? 1 : 0) + (place.isFarNo ? 1 : 0);
    }
    places[kAccept].begin = size;
    places[kReject].begin = size + (returnsTo(kAccept) ? 1 : 0);
    for (const NodeId id : order) {
      Place& place = places[id];
      const std::size_t firstBehind = place.begin + place.codeSize + 1;
      const bool isFarYes = places[nodes_[id].yes].begin - firstBehind > kFarthestJump;
      const bool isFarNo = places[nodes_[id].no].begin - jumpsEnd(id) > kFarthestJump;
      if ((isFarYes && !place.isFarYes) || (isFarNo && !place.isFarNo)) isSettled = false;
      place.isFarYes |= isFarYes;
      place.isFarNo |= isFarNo;
    }
  }

  std::vector<bpf_insn> program;
  program.reserve(size + 2);
  const auto leadTo = [&](NodeId target) {
    if (target == kAccept || target == kReject) {
      program.push_back(instruction(BPF_RET | BPF_K, target == kAccept ? accepted : 0));
    } else {
      const std::size_t distance = places[target].begin - program.size() - 1;
      program.push_back(instruction(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(distance)));
    }
  };
  for (const NodeId id : order) {
    const Node& node = nodes_[id];
    const Place& place = places[id];
    const NumberCode& code = numbers_[node.number];
    if (place.codeSize > 0) program.insert(program.end(), code.begin(), code.end());
    const std::size_t end = jumpsEnd(id);
    const std::size_t yes = place.isFarYes ? end : places[node.yes].begin;
    const std::size_t no = place.isFarNo ? end + (place.isFarYes ? 1 : 0) : places[node.no].begin;
    for (const Comparison& comparison : node.anyOf) {
      bpf_insn jump = instruction(BPF_JMP | comparison.code, comparison.constant);
      const std::size_t behind = program.size() + 1;
      jump.jt = static_cast<u_char>(yes - behind);
      jump.jf = static_cast<u_char>(behind == end ? no - behind : 0);
      program.push_back(jump);
    }
    if (place.isFarYes) leadTo(node.yes);
    if (place.isFarNo) leadTo(node.no);
  }
  for (const NodeId end : {kAccept, kReject}) {
    if (returnsTo(end)) leadTo(end);
  }
  return program;
}

}  // namespace vsdump
