// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <pcap/pcap.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace vsdump {

/// Instructions that leave a number in the accumulator and do not jump. Where one of them asks for
/// a byte that is not there, the program ends and rejects the packet.
using NumberCode = std::vector<bpf_insn>;

/// A comparison of the accumulator: BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET, with a constant (BPF_K)
/// or with X.
struct Comparison {
  std::uint16_t code = 0;
  std::uint32_t constant = 0;

  friend bool operator<(const Comparison& a, const Comparison& b) {
    return std::tie(a.code, a.constant) < std::tie(b.code, b.constant);
  }
};

/// A place in the graph.
using NodeId = std::size_t;
inline constexpr NodeId kReject = 0;
inline constexpr NodeId kAccept = 1;

/// The way to a verdict as a graph of yes-or-no questions without loops. It is built from its ends:
/// a node is added after those that it leads to.
class DecisionGraph {
 public:
  DecisionGraph();

  /// A question: does the number fulfil any of the comparisons? A question that is there already is
  /// not added again.
  NodeId ask(const NumberCode& number, std::vector<Comparison> anyOf, NodeId yes, NodeId no);

  /// Whether there are more questions than any program may have.
  bool isTooLarge() const { return nodes_.size() > kMostNodes; }

  /// Goes around questions whose answer is known from those before. Returns the new beginning.
  NodeId optimize(NodeId begin);

  /// The program that begins there, and ends with a return of `accepted` or of 0. With `reuse` a
  /// number that is in the accumulator is not computed again.
  std::vector<bpf_insn> assemble(NodeId begin, std::uint32_t accepted, bool reuse) const;

 private:
  static constexpr std::size_t kMostNodes = 8192;

  struct Node {
    std::size_t number = 0;  ///< index into numbers_
    std::size_t test = 0;    ///< the same for nodes that ask the same
    std::vector<Comparison> anyOf{};
    NodeId yes = kReject;
    NodeId no = kReject;

    bool isEnd() const { return anyOf.empty(); }
  };

  /// The nodes that can be reached, in an order in which all edges go forward.
  std::vector<NodeId> reachable(NodeId begin) const;
  /// For each of these nodes, whether its number is in the accumulator when it is reached.
  std::vector<bool> numberAtHand(const std::vector<NodeId>& order) const;

  std::vector<Node> nodes_;
  std::vector<NumberCode> numbers_;
  std::map<std::vector<std::uint64_t>, std::size_t> numberIds_;
  std::map<std::pair<std::size_t, std::vector<Comparison>>, std::size_t> testIds_;
  std::map<std::pair<std::size_t, std::pair<NodeId, NodeId>>, NodeId> nodeIds_;
};

}  // namespace vsdump
