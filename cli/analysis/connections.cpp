// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "cli/analysis/analysis.h"
#include "cli/analysis/commands.h"
#include "cli/analysis/names.h"
#include "cli/run/messages.h"
#include "dissector/connection/finding_text.h"
#include "dissector/names/protocol_names.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

constexpr std::size_t kColumns = 9;
using Cells = std::array<std::string, kColumns>;
using Widths = std::array<std::size_t, kColumns>;
const Cells kHeads{"#",         "client",    "server",    "service", "state",
                   "handshake", "to server", "to client", "notes"};

std::string stateText(const ConnectionRow& c) {
  std::string text(stateWord(c.state));
  std::ranges::replace(text, '_', ' ');
  if (c.isPartial) text = c.state == ConnectionState::Open ? "partial" : "partial, " + text;
  if (c.state == ConnectionState::Closed || c.state == ConnectionState::Reset) {
    if (c.endedBy == Side::Client) text += " by client";
    if (c.endedBy == Side::Server) text += " by server";
  }
  return text;
}

class Connections final : public Analysis {
 public:
  using Analysis::Analysis;

  Result<void> print() {
    Output output = standardOutput();
    if (options_.json) {
      for (const ConnectionRow& row : rows_) {
        if (!isSelected(row.id)) continue;
        putJson(output.buffer(), row);
        if (Result<void> written = output.flushIfLarge(); !written) return written;
      }
      return output.flush();
    }
    // Twice over the rows, as the cells of a million of them would not fit well into memory.
    Widths widths = widen({}, kHeads);
    std::uint64_t shown = 0;
    std::array<std::uint64_t, 2> bytes{};
    std::uint64_t refused = 0;
    for (const ConnectionRow& row : rows_) {
      if (!isSelected(row.id)) continue;
      ++shown;
      for (std::size_t d = 0; d < bytes.size(); ++d) bytes[d] += row.ways[d].bytes;
      if (row.state == ConnectionState::Refused) ++refused;
      widths = widen(widths, cellsOf(row));
    }
    putCells(output.buffer(), kHeads, widths);
    for (const ConnectionRow& row : rows_) {
      if (!isSelected(row.id)) continue;
      putCells(output.buffer(), cellsOf(row), widths);
      if (Result<void> written = output.flushIfLarge(); !written) return written;
    }
    output.buffer().put(fmt::format("{}, {} refused · {} to servers, {} to clients\n",
                                    counted(shown, "connection"), refused, sizeText(bytes[0]),
                                    sizeText(bytes[1])));
    return output.flush();
  }

 private:
  Cells cellsOf(const ConnectionRow& c) const {
    std::string notes;
    for (auto it = findings_.lower_bound({c.id, FindingCode{}});
         it != findings_.end() && it->first.first == c.id; ++it) {
      if (!notes.empty()) notes += ", ";
      notes += describe(it->first.second).code;
      if (it->second.count > 1) notes += fmt::format(" x{}", it->second.count);
    }
    const auto& handshake = c.handshakeNs;
    const ServiceName service = serviceOf(c);
    return {fmt::format("{}", raw(c.id)),
            endText(c.client, options_.numericNames),
            endText(c.server, options_.numericNames),
            service.name.empty() || options_.numericNames
                ? "-"
                : std::string(service.name) + (service.isGuess ? "?" : ""),
            stateText(c),
            handshake ? durationText(static_cast<std::uint64_t>(*handshake)) : "-",
            sizeText(c.ways[0].bytes),
            sizeText(c.ways[1].bytes),
            notes};
  }

  static Widths widen(Widths widths, const Cells& cells) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], cells[i].size());
    return widths;
  }

  static void putCells(LineBuffer& out, const Cells& cells, const Widths& widths) {
    std::string line;
    for (std::size_t i = 0; i < kColumns; ++i) {
      const bool isNumber = i == 0 || (i >= 5 && i <= 7);
      const std::string blanks(widths[i] - cells[i].size(), ' ');
      line += isNumber ? blanks + cells[i] : cells[i] + blanks;
      line += "  ";
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out.put(line);
    out.put('\n');
  }

  void putJson(LineBuffer& out, const ConnectionRow& c) const {
    out.put(fmt::format("{{\"record\":\"connection\",\"id\":{}", raw(c.id)));
    putAddressKey(out, "client", c.client);
    putAddressKey(out, "server", c.server);
    const FieldName* type = findName(c.type);
    out.put(type != nullptr ? fmt::format(",\"type\":\"{}\"", type->word)
                            : fmt::format(",\"type\":{}", static_cast<unsigned>(c.type)));
    const ServiceName service = serviceOf(c);
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
    const auto& handshake = c.handshakeNs;
    out.put(handshake ? fmt::format(",\"handshake_ns\":{}", *handshake)
                      : std::string(",\"handshake_ns\":null"));
    for (const Direction d : {Direction::ToServer, Direction::ToClient}) {
      const ConnectionRow::Way& flow = c.ways[index(d)];
      out.put(fmt::format(",\"{}\":{{\"packets\":{},\"bytes\":{}", directionWord(d), flow.packets,
                          flow.bytes));
      if (c.type == VirtioType::Seqpacket) {
        out.put(fmt::format(",\"messages\":{}", flow.messages));
      }
      if (flow.lostBytes != 0) out.put(fmt::format(",\"lost_bytes\":{}", flow.lostBytes));
      out.put('}');
    }
    putStalls(out, c.id);
    out.put(",\"findings\":[");
    std::string_view before;
    for (auto it = findings_.lower_bound({c.id, FindingCode{}});
         it != findings_.end() && it->first.first == c.id; ++it) {
      out.put(fmt::format("{}\"{}\"", before, describe(it->first.second).code));
      before = ",";
    }
    out.put("]}\n");
  }

  void putStalls(LineBuffer& out, ConnectionId id) const {
    out.put(",\"stalls\":[");
    const auto stalls = stalls_.find(id);
    if (stalls != stalls_.end()) {
      std::string_view before;
      for (const Stall& stall : stalls->second) {
        out.put(fmt::format("{}{{\"direction\":\"{}\",\"kind\":\"{}\"", before,
                            directionWord(stall.direction), describe(stall.kind).code));
        putTimeKey(out, "start_time", stall.startNs);
        putTimeKey(out, "end_time", stall.endNs);
        out.put(fmt::format(",\"bytes_before\":{}}}", stall.bytesBefore));
        before = ",";
      }
    }
    out.put("]");
  }
};

}  // namespace

Result<int> runConnections(const Options& options) {
  Connections connections(options);
  Result<int> exitCode = connections.run();
  if (!exitCode) return exitCode;
  if (Result<void> printed = connections.print(); !printed) return tl::unexpected(printed.error());
  return exitCode;
}

}  // namespace vsdump
