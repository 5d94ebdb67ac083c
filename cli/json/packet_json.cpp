// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/json/packet_json.h"

#include <string_view>

#include "cli/text/timestamp.h"
#include "dissector/names/protocol_names.h"

namespace vsdump {

namespace {

/// The largest whole number that JavaScript and jq keep exactly.
constexpr std::uint64_t kLargestExactNumber = std::uint64_t{1} << 53;

void putString(LineBuffer& out, std::string_view text) {
  out.put('"');
  out.put(text);
  out.put('"');
}

/// `key` comes with what surrounds it, for one piece is copied faster than four: ",\"len\":".
[[gnu::always_inline]] inline void putNumber(LineBuffer& out, std::string_view key,
                                             std::uint64_t value) {
  out.put(key);
  out.putDecimal(value);
}

/// A name where the value has one, else the number.
void putEnumeration(LineBuffer& out, const FieldName* name, std::uint64_t value) {
  if (name != nullptr) return putString(out, name->word);
  out.putDecimal(value);
}

void putAddress(LineBuffer& out, const Address& address) {
  const bool isExact = raw(address.cid) <= kLargestExactNumber;
  out.put("{\"cid\":");
  if (!isExact) out.put('"');
  out.putDecimal(raw(address.cid));
  if (!isExact) out.put('"');
  putNumber(out, ",\"port\":", raw(address.port));
  out.put('}');
}

void putAddresses(LineBuffer& out, const Address& src, const Address& dst) {
  out.put(",\"src\":");
  putAddress(out, src);
  out.put(",\"dst\":");
  putAddress(out, dst);
}

void putFlagNames(LineBuffer& out, const VirtioHeader& virtio) {
  const auto names = flagNames(virtio.type, virtio.op);
  if (names.empty()) return;
  out.put(",\"flag_names\":");
  out.put('[');
  bool isFirst = true;
  for (const FieldName& flag : names) {
    if ((virtio.flags & flag.value) == 0) continue;
    if (!isFirst) out.put(',');
    isFirst = false;
    putString(out, flag.word);
  }
  out.put(']');
}

void putVirtio(LineBuffer& out, const Packet& packet) {
  const VirtioHeader& virtio = packet.virtio;
  out.put(",\"virtio\":{\"op\":");
  putEnumeration(out, findName(virtio.op), static_cast<std::uint64_t>(virtio.op));
  out.put(",\"type\":");
  putEnumeration(out, findName(virtio.type), static_cast<std::uint64_t>(virtio.type));
  putNumber(out, ",\"flags\":", virtio.flags);
  putFlagNames(out, virtio);
  putNumber(out, ",\"len\":", virtio.payloadLengthBytes);
  putNumber(out, ",\"buf_alloc\":", virtio.bufAlloc);
  putNumber(out, ",\"fwd_cnt\":", virtio.fwdCnt);
  if (packet.anomalies.has(Anomaly::AddressMismatch)) putAddresses(out, virtio.src, virtio.dst);
  out.put('}');
}

void putAnomalies(LineBuffer& out, Anomalies anomalies) {
  if (anomalies.empty()) return out.put(",\"anomalies\":[]");
  out.put(",\"anomalies\":[");
  bool isFirst = true;
  for (const AnomalyRow& row : anomalyCatalogue()) {
    if (!anomalies.has(row.anomaly)) continue;
    if (!isFirst) out.put(',');
    isFirst = false;
    putString(out, row.code);
  }
  out.put(']');
}

/// The findings that the packet has brought, if there are any.
void putFindings(LineBuffer& out, const PacketNews& news, ConnectionId own) {
  if (news.findings == 0 && news.listed == 0) return;
  std::string_view before = ",\"findings\":[";
  const auto put = [&](std::string_view code, ConnectionId connection) {
    out.put(before);
    before = ",";
    out.put("{\"code\":");
    putString(out, code);
    out.put(",\"connection\":");
    connection == kNoConnection ? out.put("null") : out.putDecimal(raw(connection));
    out.put('}');
  };
  for (unsigned code = 0; code < 64 && (news.findings >> code) != 0; ++code) {
    const FindingCode finding{static_cast<std::uint8_t>(code)};
    if (news.has(finding)) put(describe(finding).code, own);
  }
  for (std::uint8_t i = 0; i < news.listed; ++i) {
    put(describe(news.elsewhere[i].code).code, news.elsewhere[i].connection);
  }
  out.put(']');
}

void putContext(LineBuffer& out, const PacketContext& context) {
  const Observation& seen = context.seen;
  if (context.isTracked()) {
    putNumber(out, ",\"connection\":", raw(seen.connection));
    out.put(seen.direction == Direction::ToServer ? ",\"direction\":\"to_server\""
                                                  : ",\"direction\":\"to_client\"");
    if (seen.credit != Observation::kUnknownCredit) putNumber(out, ",\"credit\":", seen.credit);
    if (seen.isDuplicate) out.put(",\"duplicate\":true");
  }
  if (context.news != nullptr) putFindings(out, *context.news, seen.connection);
}

}  // namespace

void putPacketJson(LineBuffer& out, const Frame& frame, const Packet& packet,
                   const PacketContext* context) {
  out.put("{\"record\":\"packet\"");
  putNumber(out, ",\"number\":", raw(frame.number));
  out.put(",\"time\":\"");
  putEpochSeconds(out, frame.timestampNs);
  out.put('"');
  if (packet.decoded != Decoded::Nothing) {
    const VsockmonHeader& monitor = packet.monitor;
    putAddresses(out, monitor.src, monitor.dst);
    out.put(",\"op\":");
    putEnumeration(out, findName(monitor.op), static_cast<std::uint64_t>(monitor.op));
    out.put(",\"transport\":");
    putEnumeration(out, findName(monitor.transport), static_cast<std::uint64_t>(monitor.transport));
  }
  if (packet.decoded == Decoded::Virtio) putVirtio(out, packet);
  putNumber(out, ",\"length\":", frame.wireLengthBytes);
  putNumber(out, ",\"captured_length\":", frame.bytes.size());
  putNumber(out, ",\"payload_length\":", packet.payloadLengthBytes);
  putAnomalies(out, packet.anomalies);
  if (context != nullptr) putContext(out, *context);
  out.put("}\n");
}

}  // namespace vsdump
