// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/packet_line.h"

#include <string_view>

#include "cli/text/connection_text.h"
#include "cli/text/hex_dump.h"
#include "cli/text/tcpdump_line.h"
#include "dissector/names/protocol_names.h"

namespace vsdump {

namespace {

/// What writeMeaning() takes at most: some ten numbers and the names before them.
constexpr std::size_t kLongestMeaning = 512;

char* writeName(char* to, const FieldName* name, std::string_view kind, std::uint64_t value) {
  if (name != nullptr) [[likely]] {
    return writeText(to, name->name);
  }
  to = writeText(to, kind);
  *to++ = ' ';
  return writeDecimal(to, value);
}

/// The flags by name, each with a blank before it; bits without a name in one number.
char* writeFlags(char* to, const VirtioHeader& virtio) {
  std::uint32_t rest = virtio.flags;
  if (rest == 0) return to;
  for (const FieldName& flag : flagNames(virtio.type, virtio.op)) {
    if ((rest & flag.value) == 0) continue;
    *to++ = ' ';
    to = writeText(to, flag.name);
    rest &= ~static_cast<std::uint32_t>(flag.value);
  }
  if (rest == 0) return to;
  to = writeText(to, " flags 0x");
  return writeHex(to, rest);
}

char* writePayloadLength(char* to, const Packet& packet) {
  *to++ = ' ';
  to = writeDecimal(to, packet.payloadLengthBytes);
  if (packet.anomalies.has(Anomaly::PayloadMissing)) {
    to = writeText(to, " of ");
    to = writeDecimal(to, packet.virtio.payloadLengthBytes);
  }
  if (packet.payload.size() == packet.payloadLengthBytes) return to;
  to = writeText(to, " (");
  to = writeDecimal(to, packet.payload.size());
  return writeText(to, " captured)");
}

/// What the packet means by itself: the operation and what belongs to it.
char* writeMeaning(char* to, const Packet& packet) {
  const VirtioHeader& virtio = packet.virtio;
  if (virtio.type != VirtioType::Stream) {
    to = writeName(to, findName(virtio.type), "type", static_cast<std::uint64_t>(virtio.type));
    *to++ = ' ';
  }
  to = writeName(to, findName(virtio.op), "op", static_cast<std::uint64_t>(virtio.op));
  if (carriesPayload(virtio.op) || packet.payloadLengthBytes != 0) {
    to = writePayloadLength(to, packet);
  }
  to = writeFlags(to, virtio);
  switch (virtio.op) {
    case VirtioOp::Request:
    case VirtioOp::Response:
      return writeDecimal(writeText(to, " buf_alloc "), virtio.bufAlloc);
    case VirtioOp::CreditUpdate:
      return writeDecimal(writeText(to, " fwd_cnt "), virtio.fwdCnt);
    default:
      return to;
  }
}

void putHeaderField(LineBuffer& out, std::string_view name, std::uint64_t value) {
  out.put(' ');
  out.put(name);
  out.put(' ');
  out.putDecimal(value);
}

void putAddresses(LineBuffer& out, const Address& src, const Address& dst) {
  putHeaderField(out, "src_cid", raw(src.cid));
  putHeaderField(out, "dst_cid", raw(dst.cid));
  putHeaderField(out, "src_port", raw(src.port));
  putHeaderField(out, "dst_port", raw(dst.port));
}

/// Every field of both headers, with the kernel's names (-v).
void putHeaders(LineBuffer& out, const Packet& packet) {
  const VsockmonHeader& monitor = packet.monitor;
  out.put(" [vsockmon");
  putAddresses(out, monitor.src, monitor.dst);
  putHeaderField(out, "op", static_cast<std::uint64_t>(monitor.op));
  putHeaderField(out, "transport", static_cast<std::uint64_t>(monitor.transport));
  putHeaderField(out, "len", monitor.transportLengthBytes);
  putHeaderField(out, "reserved", monitor.reserved);
  out.put(']');
  if (packet.decoded != Decoded::Virtio) return;
  const VirtioHeader& virtio = packet.virtio;
  out.put(" [virtio");
  putAddresses(out, virtio.src, virtio.dst);
  putHeaderField(out, "len", virtio.payloadLengthBytes);
  putHeaderField(out, "type", static_cast<std::uint64_t>(virtio.type));
  putHeaderField(out, "op", static_cast<std::uint64_t>(virtio.op));
  out.put(" flags 0x");
  out.putHex(virtio.flags);
  putHeaderField(out, "buf_alloc", virtio.bufAlloc);
  putHeaderField(out, "fwd_cnt", virtio.fwdCnt);
  out.put(']');
}

ConnectionTextStyle connectionStyleOf(const TextStyle& style) {
  return {.names = style.names, .color = style.color};
}

/// Whether the line is one of printUsual()'s. The first packet of a connection names the ends, too.
bool isUsual(const Packet& packet, const PacketContext& context) {
  const VirtioHeader& virtio = packet.virtio;
  return context.isTracked() && !context.seen.beginsConnection &&
         (virtio.op == VirtioOp::Rw || virtio.op == VirtioOp::CreditUpdate) &&
         virtio.type == VirtioType::Stream && virtio.flags == 0 && packet.anomalies.empty() &&
         isPlain(context);
}

}  // namespace

PacketPrinter::PacketPrinter(const TextStyle& style)
    : style_(style),
      timestamps_(style.timestamps, style.nanoseconds),
      isBare_(!style.quiet && style.verbosity == 0 && !style.numbers && !style.recordLengths &&
              style.hexDump == HexDump::None) {
  if (style.quiet) return;
  flows_.emplace(connectionStyleOf(style));
  const auto words = [](VirtioOp op, std::string_view behind) {
    UsualWords made;
    made.monitorOp.append(findName(monitorOpOf(op))->name);
    made.monitorOp.append(", length ");
    made.op.append(findName(op)->name);
    made.op.append(behind);
    return made;
  };
  usualWords_ = {words(VirtioOp::CreditUpdate, " fwd_cnt "), words(VirtioOp::Rw, " ")};
}

void PacketPrinter::print(LineBuffer& out, const Frame& frame, const Packet& packet,
                          std::uint64_t number, const PacketContext* context) {
  if (isBare_ && context != nullptr && printUsual(out, frame, packet, *context)) return;
  if (style_.numbers) {
    out.putDecimal(number, 5, ' ');
    out.put("  ");
  }
  if (style_.recordLengths) {
    out.put("caplen ");
    out.putDecimal(frame.bytes.size());
    out.put(" len ");
    out.putDecimal(frame.wireLengthBytes);
    out.put(' ');
  }
  if (style_.quiet && putTcpdumpInvalidHeader(out, frame)) return out.put('\n');
  // One check of the room for what every line has.
  constexpr std::size_t kLongestLine =
      TimestampWriter::kLongest + kLongestTcpdumpLine + FlowText::kRoom + kLongestMeaning;
  char* const to = timestamps_.write(out.room(kLongestLine), frame.timestampNs);
  if (!style_.quiet) {
    printOwn(out, to, frame, packet, context);
  } else if (style_.verbosity > 0) {
    out.advanceTo(to);
    putTcpdumpDetails(out, frame, packet, style_.verbosity);
  } else {
    out.advanceTo(writeTcpdumpLine(to, frame, packet));
  }
  if (style_.hexDump != HexDump::None) printDump(out, frame, packet);
  out.put('\n');
}

/// tcpdump's line and what vsdump adds to it. The line's text goes `to` the room that there is.
void PacketPrinter::printOwn(LineBuffer& out, char* to, const Frame& frame, const Packet& packet,
                             const PacketContext* context) {
  const bool isTracked = context != nullptr && context->isTracked();
  // The first packet of a connection names the ends, too.
  const bool isLater = isTracked && !context->seen.beginsConnection;
  const FlowText* const flow = isLater ? flows_->of(packet, *context) : nullptr;
  if (flow != nullptr) {
    to = writeTcpdumpOp(flow->writeEnds(to), frame, packet);
    to = flow->writeConnection(writeText(to, ": "));
    out.advanceTo(writeMeaning(to, packet));
  } else {
    to = writeTcpdumpLine(to, frame, packet);
    *to++ = ':';
    out.advanceTo(to);
    printMeaning(out, packet, isTracked ? context : nullptr);
  }
  if (isTracked) putCircumstances(out, packet, *context);
  putProblems(out, packet.anomalies, context, style_.color);
  if (style_.verbosity >= 1 && packet.decoded != Decoded::Nothing) putHeaders(out, packet);
  if (style_.verbosity >= 2) putHexAsciiDump(out, packet.payload, "\n\t");
}

void PacketPrinter::printMeaning(LineBuffer& out, const Packet& packet,
                                 const PacketContext* context) {
  if (packet.decoded == Decoded::Virtio) {
    out.put(' ');
    if (context != nullptr) putConnection(out, packet, *context, connectionStyleOf(style_));
    out.advanceTo(writeMeaning(out.room(kLongestMeaning), packet));
  } else if (packet.decoded == Decoded::Vsockmon && packet.monitor.transport != Transport::Virtio) {
    out.advanceTo(writePayloadLength(out.room(kLongestMeaning), packet));
    out.put(" bytes");
  }
}

/// Prints the line of a packet of which there is nothing special to say, from parts that are ready,
/// and says whether it is one. The lines of payload and of credit differ in two words and a number,
/// and which of them comes next nobody can foresee, so no jump depends on it.
bool PacketPrinter::printUsual(LineBuffer& out, const Frame& frame, const Packet& packet,
                               const PacketContext& context) {
  if (!isUsual(packet, context)) return false;
  const FlowText* const flow = flows_->of(packet, context);
  if (flow == nullptr) return false;
  const std::size_t isPayload = packet.virtio.op == VirtioOp::Rw ? 1 : 0;
  const UsualWords& words = usualWords_[isPayload];
  const std::array<std::uint32_t, 2> numbers{packet.virtio.fwdCnt, packet.payloadLengthBytes};
  constexpr std::size_t kLongest = TimestampWriter::kLongest + 2 * FlowText::kRoom +
                                   2 * UsualWords::kRoom + 2 * kLongestNumber + 3;
  char* to = timestamps_.write(out.room(kLongest), frame.timestampNs);
  to = words.monitorOp.write(flow->writeEnds(to));
  to = writeDecimal(to, frame.bytes.size());
  to = flow->writeConnection(writeText(to, ": "));
  to = writeUpToEightDigits(words.op.write(to), numbers[isPayload]);
  *to++ = '\n';
  out.advanceTo(to);
  return true;
}

void PacketPrinter::printDump(LineBuffer& out, const Frame& frame, const Packet& packet) const {
  const std::size_t linkLength =
      packet.decoded == Decoded::Nothing ? frame.bytes.size() : kVsockmonHeaderBytes;
  const Bytes withoutLink = frame.bytes.subspan(linkLength);
  switch (style_.hexDump) {
    case HexDump::None:
      return;
    case HexDump::Hex:
      return putHexDump(out, withoutLink, "\n\t");
    case HexDump::HexWithLink:
      return putHexDump(out, frame.bytes, "\n\t");
    case HexDump::HexAscii:
      return putHexAsciiDump(out, withoutLink, "\n\t");
    case HexDump::HexAsciiWithLink:
      return putHexAsciiDump(out, frame.bytes, "\n\t");
    case HexDump::Ascii:
      if (!withoutLink.empty()) putAsciiDump(out, withoutLink);
      return;
    case HexDump::AsciiWithLink:
      return putAsciiDump(out, frame.bytes);
  }
}

}  // namespace vsdump
