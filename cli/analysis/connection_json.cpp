// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/connection_json.h"

#include <fmt/format.h>

#include <string>

#include "cli/analysis/names.h"
#include "dissector/names/protocol_names.h"

namespace vsdump {

namespace {

void putStalls(LineBuffer& out, std::span<const Stall> stalls) {
  out.put(",\"stalls\":[");
  std::string_view before;
  for (const Stall& stall : stalls) {
    out.put(fmt::format("{}{{\"direction\":\"{}\",\"kind\":\"{}\"", before,
                        directionWord(stall.direction), describe(stall.kind).code));
    putTimeKey(out, "start_time", stall.startNs);
    putTimeKey(out, "end_time", stall.endNs);
    out.put(fmt::format(",\"bytes_before\":{}}}", stall.bytesBefore));
    before = ",";
  }
  out.put("]");
}

}  // namespace

void putConnectionJson(LineBuffer& out, const ConnectionRow& c, ServiceName service,
                       std::span<const Stall> stalls, const FindingBook& findings) {
  out.put(fmt::format("{{\"record\":\"connection\",\"id\":{}", raw(c.id)));
  putAddressKey(out, "client", c.client);
  putAddressKey(out, "server", c.server);
  const FieldName* type = findName(c.type);
  out.put(type != nullptr ? fmt::format(",\"type\":\"{}\"", type->word)
                          : fmt::format(",\"type\":{}", static_cast<unsigned>(c.type)));
  out.put(service.name.empty() ? ",\"service\":null"
                               : fmt::format(",\"service\":\"{}\",\"service_is_guess\":{}",
                                             service.name, service.isGuess));
  const bool isPlainPartial = c.isPartial && c.state == ConnectionState::Open;
  out.put(fmt::format(",\"state\":\"{}\",\"partial\":{},\"ended_by\":{}",
                      isPlainPartial ? "partial" : stateWord(c.state), c.isPartial,
                      !isOver(c.state) || c.endedBy == Side::Nobody ? "null"
                      : c.endedBy == Side::Client                   ? "\"client\""
                                                                    : "\"server\""));
  putTimeKey(out, "start_time", c.startNs);
  putTimeKey(out, "end_time", c.endNs);
  putTimeKey(out, "first_byte_time", c.firstByteNs);
  const auto& handshake = c.handshakeNs;
  out.put(handshake ? fmt::format(",\"handshake_ns\":{}", *handshake)
                    : std::string(",\"handshake_ns\":null"));
  for (const Direction d : {Direction::ToServer, Direction::ToClient}) {
    const ConnectionRow::Way& flow = c.ways[index(d)];
    out.put(fmt::format(",\"{}\":{{\"packets\":{},\"bytes\":{}", directionWord(d), flow.packets,
                        flow.bytes));
    putTimeKey(out, "first_time", flow.firstNs);
    putTimeKey(out, "last_time", flow.lastNs);
    out.put(flow.packets < 2 ? std::string(",\"largest_gap_ns\":null")
                             : fmt::format(",\"largest_gap_ns\":{}", flow.largestGapNs));
    if (c.type == VirtioType::Seqpacket) {
      out.put(fmt::format(",\"messages\":{}", flow.messages));
    }
    if (flow.lostBytes != 0) out.put(fmt::format(",\"lost_bytes\":{}", flow.lostBytes));
    out.put('}');
  }
  putStalls(out, stalls);
  out.put(",\"findings\":[");
  std::string_view before;
  findings.eachCode(c.id, [&](FindingCode code, const FindingGroup&) {
    out.put(fmt::format("{}\"{}\"", before, describe(code).code));
    before = ",";
  });
  out.put("]}\n");
}

}  // namespace vsdump
