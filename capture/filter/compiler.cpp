// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/filter/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <type_traits>
#include <utility>
#include <variant>

#include "capture/filter/decision_graph.h"
#include "capture/filter/number_code.h"
#include "dissector/names/cid_names.h"
#include "dissector/wire/virtio.h"
#include "dissector/wire/vsockmon.h"

namespace vsdump {

namespace {

using namespace filter;

/// **Source** linux include/uapi/linux/bpf_common.h, BPF_MAXINSNS.
constexpr std::size_t kMostInstructions = 4096;

/// What a field's value looks like when it is loaded with the first byte counting most.
std::uint32_t swapped(std::uint32_t value, std::uint8_t sizeBytes) {
  if (sizeBytes == 2) return __builtin_bswap16(static_cast<std::uint16_t>(value));
  return __builtin_bswap32(value);
}

Comparison equalTo(std::uint32_t constant) {
  return {BPF_JEQ | BPF_K, constant};
}

/// A relation as the machine has it: a jump, and whether its answer is to be turned round.
struct JumpKind {
  std::uint16_t code;
  bool isInverted;
};

JumpKind jumpOf(RelationOp op) {
  switch (op) {
    case RelationOp::Equal:
      return {BPF_JEQ, false};
    case RelationOp::NotEqual:
      return {BPF_JEQ, true};
    case RelationOp::Greater:
      return {BPF_JGT, false};
    case RelationOp::LessOrEqual:
      return {BPF_JGT, true};
    case RelationOp::GreaterOrEqual:
      return {BPF_JGE, false};
    case RelationOp::Less:
      return {BPF_JGE, true};
  }
  return {BPF_JEQ, false};
}

template <typename T, typename... Others>
constexpr bool kIsOneOf = (std::is_same_v<T, Others> || ...);

/// Makes questions of conditions, in the order in which evaluate.h has them answered.
class Compilation {
 public:
  explicit Compilation(const CompileOptions& options) : options_(options) {}

  /// The node from which the verdict on a condition is found: on to `yes` or to `no`. `isNegated`
  /// is evaluate.h's.
  NodeId decide(const Expression& expression, bool isNegated, NodeId yes, NodeId no) {
    if (graph.isTooLarge()) return kReject;
    return std::visit([&](const auto& what) { return decide(what, isNegated, yes, no); },
                      expression.what);
  }

  DecisionGraph graph;
  bool lacksMemory = false;

 private:
  NodeId decide(const Constant& constant, bool, NodeId yes, NodeId no) {
    return constant.value ? yes : no;
  }

  NodeId decide(const Not& inverted, bool isNegated, NodeId yes, NodeId no) {
    return decide(*inverted.operand, !isNegated, no, yes);
  }

  NodeId decide(const AllOf& all, bool isNegated, NodeId yes, NodeId no) {
    for (auto operand = all.operands.rbegin(); operand != all.operands.rend(); ++operand) {
      yes = decide(**operand, isNegated, yes, no);
    }
    return yes;
  }

  NodeId decide(const AnyOf& any, bool isNegated, NodeId yes, NodeId no) {
    for (auto operand = any.operands.rbegin(); operand != any.operands.rend(); ++operand) {
      no = decide(**operand, isNegated, yes, no);
    }
    return no;
  }

  /// `ask(field, yes, no)` of the fields of one side, or of both one after the other.
  template <typename Ask>
  NodeId ofSide(AddressSide side, Field source, Field destination, NodeId yes, NodeId no, Ask ask) {
    if (side == AddressSide::Source) return ask(source, yes, no);
    const NodeId second = ask(destination, yes, no);
    if (side == AddressSide::Destination) return second;
    return side == AddressSide::Both ? ask(source, second, no) : ask(source, yes, second);
  }

  NodeId decide(const CidIs& cid, bool isNegated, NodeId yes, NodeId no) {
    const bool hasHost = std::ranges::find(cid.cids, kCidHost) != cid.cids.end();
    if (hasHost && cid.side == AddressSide::Either && !isNegated) {
      no = ofSide(AddressSide::Both, Field::SrcCid, Field::DstCid, yes, no,
                  [&](Field field, NodeId same, NodeId other) {
                    return cidIs(field, {kCidLocal}, same, other);
                  });
    }
    return ofSide(cid.side, Field::SrcCid, Field::DstCid, yes, no,
                  [&](Field field, NodeId same, NodeId other) {
                    return cidIs(field, cid.cids, same, other);
                  });
  }

  /// The upper half first: its bytes are the last of the field.
  NodeId cidIs(Field field, const std::vector<Cid>& cids, NodeId yes, NodeId no) {
    const std::uint8_t offset = rowOf(field).offset;
    std::map<std::uint32_t, std::vector<Comparison>> lowerByUpper;
    for (const Cid cid : cids) {
      lowerByUpper[static_cast<std::uint32_t>(raw(cid) >> 32)].push_back(
          equalTo(swapped(static_cast<std::uint32_t>(raw(cid)), 4)));
    }
    NodeId next = no;
    for (const auto& [upper, lowers] : lowerByUpper) {
      const NodeId lower = graph.ask(loadWord(offset), lowers, yes, no);
      next = graph.ask(loadWord(offset + 4), {equalTo(swapped(upper, 4))}, lower, next);
    }
    return next;
  }

  static NumberCode loadWord(std::uint32_t offset) {
    return {instruction(BPF_LD | BPF_W | BPF_ABS, offset)};
  }

  NodeId decide(const PortIn& port, bool, NodeId yes, NodeId no) {
    return ofSide(
        port.side, Field::SrcPort, Field::DstPort, yes, no,
        [&](Field field, NodeId in, NodeId out) { return portIn(field, port.ranges, in, out); });
  }

  NodeId portIn(Field field, const std::vector<PortRange>& ranges, NodeId yes, NodeId no) {
    const FieldRow& row = rowOf(field);
    std::vector<Comparison> single;
    NodeId next = no;
    for (const PortRange& range : ranges) {
      if (range.first == range.last) {
        single.push_back(equalTo(swapped(raw(range.first), row.sizeBytes)));
        continue;
      }
      const NumberCode value = loadLittleEndian(row.offset, row.sizeBytes);
      const NodeId upper = graph.ask(value, {{BPF_JGT | BPF_K, raw(range.last)}}, next, yes);
      next = graph.ask(value, {{BPF_JGE | BPF_K, raw(range.first)}}, upper, next);
    }
    return single.empty() ? next : graph.ask(loadSwapped(row), single, yes, next);
  }

  NodeId decide(const ConnectionIs& connection, bool isNegated, NodeId yes, NodeId no) {
    const auto& [one, other] = connection;
    if (one.cid == kCidLocal && other.cid == kCidLocal && isNegated) return no;
    if (!isNegated && one.cid == kCidLocal && other.cid == kCidHost) {
      no = between({kCidLocal, other.port}, one, yes, no);
    }
    if (!isNegated && other.cid == kCidLocal && one.cid == kCidHost) {
      no = between({kCidLocal, one.port}, other, yes, no);
    }
    return between(one, other, yes, between(other, one, yes, no));
  }

  NodeId between(const Address& source, const Address& destination, NodeId yes, NodeId no) {
    yes = portIn(Field::DstPort, {{destination.port, destination.port}}, yes, no);
    yes = cidIs(Field::DstCid, {destination.cid}, yes, no);
    yes = portIn(Field::SrcPort, {{source.port, source.port}}, yes, no);
    return cidIs(Field::SrcCid, {source.cid}, yes, no);
  }

  NodeId hasVirtio(NodeId yes, NodeId no) {
    // The first byte of the length counts least, so it is enough that the second is not 0.
    constexpr std::uint32_t kUpperByte = 0x00FF;
    constexpr std::uint32_t kLeast = kVirtioHeaderBytes << 8;
    const NodeId length =
        graph.ask(loadSwapped(rowOf(Field::TransportLen)),
                  {{BPF_JSET | BPF_K, kUpperByte}, {BPF_JGE | BPF_K, kLeast}}, yes, no);
    return graph.ask(loadSwapped(rowOf(Field::Transport)),
                     {equalTo(swapped(static_cast<std::uint32_t>(Transport::Virtio), 2))}, length,
                     no);
  }

  NodeId decide(const FieldIs& fieldIs, bool, NodeId yes, NodeId no) {
    const FieldRow& row = rowOf(fieldIs.field);
    std::vector<Comparison> wanted;
    for (const std::uint16_t value : fieldIs.values) wanted.push_back(equalTo(swapped(value, 2)));
    const NodeId value = graph.ask(loadSwapped(row), std::move(wanted), yes, no);
    return row.home == FieldHome::Virtio ? hasVirtio(value, no) : value;
  }

  NodeId decide(const FlagIs& flag, bool, NodeId yes, NodeId no) {
    NodeId next = graph.ask(loadSwapped(rowOf(Field::Flags)),
                            {{BPF_JSET | BPF_K, swapped(flag.bit, 4)}}, yes, no);
    if (flag.type) {
      next = graph.ask(loadSwapped(rowOf(Field::Type)),
                       {equalTo(swapped(static_cast<std::uint32_t>(*flag.type), 2))}, next, no);
    }
    next = graph.ask(loadSwapped(rowOf(Field::Op)),
                     {equalTo(swapped(static_cast<std::uint32_t>(flag.op), 2))}, next, no);
    return hasVirtio(next, no);
  }

  NodeId decide(const Relation& relation, bool, NodeId yes, NodeId no) {
    const bool needsVirtio = usesVirtio(*relation.left) || usesVirtio(*relation.right);
    const auto guarded = [&](NodeId node) { return needsVirtio ? hasVirtio(node, no) : node; };
    if (const auto node = askForBits(relation, yes, no)) return guarded(*node);

    const auto [code, isInverted] = jumpOf(relation.op);
    const NodeId then = isInverted ? no : yes;
    const NodeId otherwise = isInverted ? yes : no;
    const std::uint32_t limit = options_.snapshotLengthBytes;
    if (const auto* literal = std::get_if<Literal>(&relation.right->what)) {
      const auto left = compute(*relation.left, limit, 0);
      if (!left) return refuseMemory();
      return guarded(graph.ask(*left, {{static_cast<std::uint16_t>(code | BPF_K), literal->value}},
                               then, otherwise));
    }
    auto number = compute(*relation.right, limit, 0);
    const auto left = compute(*relation.left, limit, 1);
    if (!number || !left) return refuseMemory();
    number->push_back(instruction(BPF_ST, 0));
    number->insert(number->end(), left->begin(), left->end());
    number->push_back(instruction(BPF_LDX | BPF_MEM, 0));
    return guarded(
        graph.ask(*number, {{static_cast<std::uint16_t>(code | BPF_X), 0}}, then, otherwise));
  }

  /// `field = C`, `field & M = C` and their negations, without the work of turning the field's
  /// bytes round: the constants are turned round instead.
  std::optional<NodeId> askForBits(const Relation& relation, NodeId yes, NodeId no) {
    if (relation.op != RelationOp::Equal && relation.op != RelationOp::NotEqual) return {};
    const auto* wanted = std::get_if<Literal>(&relation.right->what);
    const auto* masked = std::get_if<Binary>(&relation.left->what);
    const Number* number = relation.left.get();
    const Literal* mask = nullptr;
    if (masked != nullptr && masked->op == Operator::And) {
      mask = std::get_if<Literal>(&masked->right->what);
      if (mask == nullptr) return {};
      number = masked->left.get();
    }
    const auto* field = std::get_if<FieldValue>(&number->what);
    if (wanted == nullptr || field == nullptr || rowOf(field->field).sizeBytes != 4) return {};
    if (relation.op == RelationOp::NotEqual) std::swap(yes, no);

    NumberCode code = loadSwapped(rowOf(field->field));
    if (mask != nullptr && wanted->value == 0) {
      return graph.ask(code, {{BPF_JSET | BPF_K, swapped(mask->value, 4)}}, no, yes);
    }
    if (mask != nullptr) {
      code.push_back(instruction(BPF_ALU | BPF_AND | BPF_K, swapped(mask->value, 4)));
    }
    return graph.ask(code, {equalTo(swapped(wanted->value, 4))}, yes, no);
  }

  NodeId refuseMemory() {
    lacksMemory = true;
    return kReject;
  }

  NodeId decide(const CidRelation& relation, bool, NodeId yes, NodeId no) {
    auto [code, isInverted] = jumpOf(relation.op);
    if (isInverted) std::swap(yes, no);
    if (code == BPF_JEQ) return cidIs(relation.field, {Cid{relation.value}}, yes, no);
    const std::uint8_t offset = rowOf(relation.field).offset;
    const auto upper = static_cast<std::uint32_t>(relation.value >> 32);
    const auto lower = static_cast<std::uint32_t>(relation.value);
    const NodeId lowerNode = graph.ask(
        loadLittleEndian(offset, 4), {{static_cast<std::uint16_t>(code | BPF_K), lower}}, yes, no);
    const NumberCode upperCode = loadLittleEndian(offset + 4, 4);
    const NodeId equal = graph.ask(upperCode, {equalTo(upper)}, lowerNode, no);
    return graph.ask(upperCode, {{BPF_JGT | BPF_K, upper}}, yes, equal);
  }

  /// What the kernel cannot tell it lets pass.
  template <typename Condition>
  requires kIsOneOf<Condition, PayloadContains, NumberIs, FindingIs, StateIs, ServiceIs> NodeId
  decide(const Condition&, bool isNegated, NodeId yes, NodeId no) {
    return isNegated ? no : yes;
  }

  const CompileOptions& options_;
};

Error refusal(std::string reason, std::string hint) {
  return Error{.kind = ErrorKind::Usage,
               .attempted = "compile the filter for the kernel",
               .reason = std::move(reason),
               .hint = std::move(hint)};
}

}  // namespace

Result<FilterProgram> compile(const Filter& filter, const CompileOptions& options) {
  Compilation compilation(options);
  NodeId begin = compilation.decide(*filter.expression(), false, kAccept, kReject);
  if (compilation.lacksMemory) {
    return tl::unexpected(refusal("a relation computes with too many numbers at once",
                                  "Shifts by distances that are computed take most of the room."));
  }
  constexpr std::string_view kShorter =
      "Lists of values are shorter: port (22 or 80 or 443). Or capture with -w and filter with -r.";
  if (compilation.graph.isTooLarge()) {
    return tl::unexpected(refusal(fmt::format("it takes more than the {} instructions that the "
                                              "kernel allows",
                                              kMostInstructions),
                                  std::string(kShorter)));
  }
  if (options.optimize) begin = compilation.graph.optimize(begin);
  std::vector<bpf_insn> instructions =
      compilation.graph.assemble(begin, options.snapshotLengthBytes, options.optimize);
  if (instructions.size() > kMostInstructions) {
    return tl::unexpected(refusal(fmt::format("it takes {} instructions, and the kernel allows {}",
                                              instructions.size(), kMostInstructions),
                                  std::string(kShorter)));
  }
  return FilterProgram(std::move(instructions));
}

}  // namespace vsdump
