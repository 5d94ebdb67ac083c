// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/packet_line.h"

#include <string_view>

#include "cli/text/connection_text.h"
#include "cli/text/hex_dump.h"
#include "cli/text/tcpdump_line.h"
#include "dissector/names/protocol_names.h"

namespace vsdump {

namespace {

void putName(LineBuffer& out, const FieldName* name, std::string_view kind, std::uint64_t value) {
  if (name != nullptr) return out.put(name->name);
  out.put(kind);
  out.put(' ');
  out.putDecimal(value);
}

/// The flags by name, each with a blank before it; bits without a name in one number.
void putFlags(LineBuffer& out, const VirtioHeader& virtio) {
  std::uint32_t rest = virtio.flags;
  for (const FieldName& flag : flagNames(virtio.type, virtio.op)) {
    if ((rest & flag.value) == 0) continue;
    out.put(' ');
    out.put(flag.name);
    rest &= ~static_cast<std::uint32_t>(flag.value);
  }
  if (rest == 0) return;
  out.put(" flags 0x");
  out.putHex(rest);
}

void putPayloadLength(LineBuffer& out, const Packet& packet) {
  out.put(' ');
  out.putDecimal(packet.payloadLengthBytes);
  if (packet.anomalies.has(Anomaly::PayloadMissing)) {
    out.put(" of ");
    out.putDecimal(packet.virtio.payloadLengthBytes);
  }
  if (packet.payload.size() == packet.payloadLengthBytes) return;
  out.put(" (");
  out.putDecimal(packet.payload.size());
  out.put(" captured)");
}

/// What the packet means by itself: the operation and what belongs to it.
void putMeaning(LineBuffer& out, const Packet& packet) {
  const VirtioHeader& virtio = packet.virtio;
  if (virtio.type != VirtioType::Stream) {
    putName(out, findName(virtio.type), "type", static_cast<std::uint64_t>(virtio.type));
    out.put(' ');
  }
  putName(out, findName(virtio.op), "op", static_cast<std::uint64_t>(virtio.op));
  if (carriesPayload(virtio.op) || packet.payloadLengthBytes != 0) putPayloadLength(out, packet);
  putFlags(out, virtio);
  switch (virtio.op) {
    case VirtioOp::Request:
    case VirtioOp::Response:
      out.put(" buf_alloc ");
      out.putDecimal(virtio.bufAlloc);
      break;
    case VirtioOp::CreditUpdate:
      out.put(" fwd_cnt ");
      out.putDecimal(virtio.fwdCnt);
      break;
    default:
      break;
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

}  // namespace

void PacketPrinter::print(LineBuffer& out, const Frame& frame, const Packet& packet,
                          std::uint64_t number, const PacketContext* context) {
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
  timestamps_.write(out, frame.timestampNs);
  if (style_.quiet) {
    printQuiet(out, frame, packet);
  } else {
    printDefault(out, frame, packet, context);
  }
  printDump(out, frame, packet);
  out.put('\n');
}

void PacketPrinter::printQuiet(LineBuffer& out, const Frame& frame, const Packet& packet) {
  if (style_.verbosity == 0) return putTcpdumpLine(out, frame, packet);
  putTcpdumpDetails(out, frame, packet, style_.verbosity);
}

void PacketPrinter::printDefault(LineBuffer& out, const Frame& frame, const Packet& packet,
                                 const PacketContext* context) {
  putTcpdumpLine(out, frame, packet);
  out.put(':');
  const bool isTracked = context != nullptr && context->isTracked();
  if (packet.decoded == Decoded::Virtio) {
    out.put(' ');
    if (isTracked) putConnection(out, packet, *context, {style_.names, style_.color});
    putMeaning(out, packet);
    if (isTracked) putCircumstances(out, packet, *context);
  } else if (packet.decoded == Decoded::Vsockmon && packet.monitor.transport != Transport::Virtio) {
    putPayloadLength(out, packet);
    out.put(" bytes");
  }
  putProblems(out, packet.anomalies, context, style_.color);
  if (style_.verbosity >= 1 && packet.decoded != Decoded::Nothing) putHeaders(out, packet);
  if (style_.verbosity >= 2) putHexAsciiDump(out, packet.payload, "\n\t");
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
