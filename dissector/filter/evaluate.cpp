// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/evaluate.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "dissector/names/cid_names.h"
#include "dissector/wire/packet.h"

namespace vsdump::filter {

namespace {

/// Missing: a byte that is asked for is not there.
enum class Verdict : std::uint8_t { No, Yes, Missing };

Verdict verdict(bool answer) {
  return answer ? Verdict::Yes : Verdict::No;
}

template <typename T>
std::uint64_t loadAs(const std::byte* bytes) {
  T value{};
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::big) {
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  }
  return value;
}

template <std::size_t kSizeBytes>
using UnsignedOf =
    std::conditional_t<kSizeBytes == 8, std::uint64_t,
                       std::conditional_t<kSizeBytes == 4, std::uint32_t, std::uint16_t>>;

/// One condition on one record.
class Evaluation {
 public:
  Evaluation(const Frame& frame, const Facts& facts) : frame_(frame), facts_(facts) {}

  /// `isNegated` says that a Not stands above an odd number of times: what cannot be told from one
  /// record is then to be false.
  Verdict of(const Expression& expression, bool isNegated) const {
    return std::visit([&](const auto& what) { return of(what, isNegated); }, expression.what);
  }

 private:
  Verdict of(const Constant& constant, bool) const { return verdict(constant.value); }

  Verdict of(const Not& inverted, bool isNegated) const {
    const Verdict inner = of(*inverted.operand, !isNegated);
    if (inner == Verdict::Missing) return inner;
    return verdict(inner == Verdict::No);
  }

  Verdict of(const AllOf& all, bool isNegated) const {
    for (const ExpressionPtr& operand : all.operands) {
      const Verdict one = of(*operand, isNegated);
      if (one != Verdict::Yes) return one;
    }
    return Verdict::Yes;
  }

  Verdict of(const AnyOf& any, bool isNegated) const {
    for (const ExpressionPtr& operand : any.operands) {
      const Verdict one = of(*operand, isNegated);
      if (one != Verdict::No) return one;
    }
    return Verdict::No;
  }

  /// `wanted` asked of the fields of one side, or of both one after the other.
  template <Field kSource, Field kDestination, typename Wanted>
  Verdict ofSide(AddressSide side, Wanted wanted) const {
    if (side != AddressSide::Destination) {
      const auto value = load<kSource>();
      if (!value) return Verdict::Missing;
      if (side == AddressSide::Source) return verdict(wanted(*value));
      if (wanted(*value) != (side == AddressSide::Both))
        return verdict(side == AddressSide::Either);
    }
    const auto value = load<kDestination>();
    return value ? verdict(wanted(*value)) : Verdict::Missing;
  }

  Verdict of(const CidIs& cid, bool isNegated) const {
    const auto wanted = [&](std::uint64_t value) {
      return std::ranges::find(cid.cids, Cid{value}) != cid.cids.end();
    };
    const Verdict literal = ofSide<Field::SrcCid, Field::DstCid>(cid.side, wanted);
    if (literal != Verdict::No || cid.side != AddressSide::Either) return literal;
    if (!isFromLocalToLocal()) return literal;
    if (facts_.loopbackEnds) {
      const auto& [client, server] = *facts_.loopbackEnds;
      return verdict(wanted(raw(client.cid)) || wanted(raw(server.cid)));
    }
    return verdict(!isNegated && wanted(raw(kCidHost)));
  }

  Verdict of(const PortIn& port, bool) const {
    return ofSide<Field::SrcPort, Field::DstPort>(port.side, [&](std::uint64_t value) {
      for (const PortRange& range : port.ranges) {
        // One comparison: what is below the range wraps round to far above it.
        const std::uint64_t distance = value - raw(range.first);
        if (distance <= raw(range.last) - raw(range.first)) return true;
      }
      return false;
    });
  }

  Verdict of(const ConnectionIs& connection, bool isNegated) const {
    const auto& [one, other] = connection;
    if (facts_.loopbackEnds && isFromLocalToLocal()) {
      const auto& [client, server] = *facts_.loopbackEnds;
      return verdict((client == one && server == other) || (client == other && server == one));
    }
    const bool isLoopback = one.cid == kCidLocal && other.cid == kCidLocal;
    if (isLoopback && isNegated) return Verdict::No;  // each packet may be a reply from the host
    Verdict found = between(one, other);
    if (found == Verdict::No) found = between(other, one);
    if (found != Verdict::No || isNegated) return found;
    if (one.cid == kCidLocal && other.cid == kCidHost) {
      return between({kCidLocal, other.port}, one);
    }
    if (other.cid == kCidLocal && one.cid == kCidHost) {
      return between({kCidLocal, one.port}, other);
    }
    return found;
  }

  Verdict of(const FieldIs& fieldIs, bool) const {
    if (rowOf(fieldIs.field).home == FieldHome::Virtio) {
      if (const Verdict present = hasVirtio(); present != Verdict::Yes) return present;
    }
    const auto value = load(fieldIs.field);
    if (!value) return Verdict::Missing;
    for (const std::uint16_t wanted : fieldIs.values) {
      if (wanted == *value) return Verdict::Yes;
    }
    return Verdict::No;
  }

  Verdict of(const FlagIs& flag, bool) const {
    if (const Verdict present = hasVirtio(); present != Verdict::Yes) return present;
    const auto op = load<Field::Op>();
    if (!op) return Verdict::Missing;
    if (VirtioOp{static_cast<std::uint16_t>(*op)} != flag.op) return Verdict::No;
    if (flag.type && load<Field::Type>() != static_cast<std::uint64_t>(*flag.type)) {
      return Verdict::No;
    }
    const auto flags = load<Field::Flags>();
    return flags ? verdict((*flags & flag.bit) != 0) : Verdict::Missing;
  }

  Verdict of(const Relation& relation, bool) const {
    if (usesVirtio(*relation.left) || usesVirtio(*relation.right)) {
      if (const Verdict present = hasVirtio(); present != Verdict::Yes) return present;
    }
    const auto left = valueOf(*relation.left);
    const auto right = valueOf(*relation.right);
    if (!left || !right) return Verdict::Missing;
    return verdict(holds(relation.op, *left, *right));
  }

  Verdict of(const CidRelation& relation, bool) const {
    const auto value = load(relation.field);
    return value ? verdict(holds(relation.op, *value, relation.value)) : Verdict::Missing;
  }

  Verdict of(const PayloadContains& contains, bool) const {
    const Packet packet = dissect(frame_);
    const auto found = std::search(packet.payload.begin(), packet.payload.end(),
                                   contains.bytes.begin(), contains.bytes.end());
    if (found != packet.payload.end()) return Verdict::Yes;
    const bool isCut = packet.decoded == Decoded::Nothing ||
                       packet.anomalies.has(Anomaly::PayloadTruncated) ||
                       packet.anomalies.has(Anomaly::TransportHeaderTruncated);
    return isCut ? Verdict::Missing : Verdict::No;
  }

  Verdict of(const NumberIs& number, bool) const {
    if (facts_.connection == kNoConnection) return Verdict::No;
    return verdict(std::ranges::find(number.ids, facts_.connection) != number.ids.end());
  }

  Verdict of(const FindingIs& finding, bool) const {
    return verdict((finding.findings & (finding.isOfPacket ? facts_.proven : facts_.findings)) !=
                   0);
  }

  Verdict of(const StateIs& state, bool) const {
    return verdict((state.states & facts_.states) != 0);
  }

  Verdict of(const ServiceIs& service, bool) const {
    return verdict(std::ranges::any_of(service.names, [&](std::string_view name) {
      return isServiceNamed(facts_.service, name);
    }));
  }

  bool isFromLocalToLocal() const {
    return load<Field::SrcCid>() == raw(kCidLocal) && load<Field::DstCid>() == raw(kCidLocal);
  }

  /// Whether the packet goes from one address to the other.
  Verdict between(const Address& source, const Address& destination) const {
    for (const auto& [field, wanted] :
         {std::pair{Field::SrcCid, raw(source.cid)},
          std::pair{Field::SrcPort, std::uint64_t{raw(source.port)}},
          std::pair{Field::DstCid, raw(destination.cid)},
          std::pair{Field::DstPort, std::uint64_t{raw(destination.port)}}}) {
      const auto value = load(field);
      if (!value) return Verdict::Missing;
      if (*value != wanted) return Verdict::No;
    }
    return Verdict::Yes;
  }

  Verdict hasVirtio() const {
    const auto transport = load<Field::Transport>();
    if (!transport) return Verdict::Missing;
    if (Transport{static_cast<std::uint16_t>(*transport)} != Transport::Virtio) return Verdict::No;
    const auto length = load<Field::TransportLen>();
    return length ? verdict(*length >= kVirtioHeaderBytes) : Verdict::Missing;
  }

  /// A field as it is in the record; nothing when it is not wholly there.
  std::optional<std::uint64_t> load(Field field) const {
    if (field == Field::Len) return frame_.wireLengthBytes;
    if (field == Field::Caplen) return frame_.bytes.size();
    const FieldRow& row = rowOf(field);
    if (frame_.bytes.size() < std::size_t{row.offset} + row.sizeBytes) return std::nullopt;
    const std::byte* at = frame_.bytes.data() + row.offset;
    if (row.sizeBytes == 8) return loadAs<std::uint64_t>(at);
    if (row.sizeBytes == 4) return loadAs<std::uint32_t>(at);
    return loadAs<std::uint16_t>(at);
  }

  /// The same for a field that is known when this is compiled: one comparison and one load.
  template <Field kField>
  std::optional<std::uint64_t> load() const {
    constexpr FieldRow kRow = rowOf(kField);
    static_assert(kRow.home != FieldHome::Record);
    if (frame_.bytes.size() < std::size_t{kRow.offset} + kRow.sizeBytes) return std::nullopt;
    return loadAs<UnsignedOf<kRow.sizeBytes>>(frame_.bytes.data() + kRow.offset);
  }

  std::optional<std::uint32_t> valueOf(const Number& number) const {
    return std::visit([&](const auto& what) { return valueOf(what); }, number.what);
  }

  std::optional<std::uint32_t> valueOf(const Literal& literal) const { return literal.value; }

  std::optional<std::uint32_t> valueOf(const FieldValue& field) const {
    const auto value = load(field.field);
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
  }

  std::optional<std::uint32_t> valueOf(const Load& bytes) const {
    const auto index = valueOf(*bytes.index);
    if (!index || frame_.bytes.size() < std::uint64_t{*index} + bytes.sizeBytes) {
      return std::nullopt;
    }
    std::uint32_t value = 0;
    for (const std::byte byte : frame_.bytes.subspan(*index, bytes.sizeBytes)) {
      value = (value << 8) | std::to_integer<std::uint32_t>(byte);
    }
    return value;
  }

  std::optional<std::uint32_t> valueOf(const Binary& both) const {
    const auto left = valueOf(*both.left);
    const auto right = valueOf(*both.right);
    if (!left || !right) return std::nullopt;
    return apply(both.op, *left, *right);
  }

  const Frame& frame_;
  const Facts& facts_;
};

}  // namespace

bool matches(const Expression& expression, const Frame& frame, const Facts& facts) {
  return Evaluation(frame, facts).of(expression, false) == Verdict::Yes;
}

}  // namespace vsdump::filter
