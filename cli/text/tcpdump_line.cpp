// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/tcpdump_line.h"

#include <string_view>

#include "cli/text/hex_dump.h"
#include "dissector/names/protocol_names.h"

namespace vsdump {

namespace {

void putNameOr(LineBuffer& out, const FieldName* name, std::string_view orBefore,
               std::uint64_t value) {
  if (name != nullptr) {
    out.put(name->name);
    return;
  }
  out.put(orBefore);
  out.put(" (");
  out.putDecimal(value);
  out.put(')');
}

void putTransport(LineBuffer& out, Transport transport) {
  putNameOr(out, findName(transport), "Invalid transport", static_cast<std::uint64_t>(transport));
}

void putAddress(LineBuffer& out, const Address& address) {
  out.putDecimal(raw(address.cid));
  out.put('.');
  out.putDecimal(raw(address.port));
}

void putAddressesAndOp(LineBuffer& out, const Frame& frame, const Packet& packet) {
  putAddress(out, packet.monitor.src);
  out.put(" > ");
  putAddress(out, packet.monitor.dst);
  out.put(' ');
  const MonitorOp op = packet.monitor.op;
  putNameOr(out, findName(op), " invalid op", static_cast<std::uint64_t>(op));
  out.put(", length ");
  out.putDecimal(frame.bytes.size());
}

/// tcpdump spells the two credit operations with a blank and knows none of TSI's.
void putVirtioOp(LineBuffer& out, VirtioOp op) {
  if (op == VirtioOp::CreditUpdate) return out.put("CREDIT UPDATE");
  if (op == VirtioOp::CreditRequest) return out.put("CREDIT REQUEST");
  const FieldName* const name = op <= VirtioOp::CreditRequest ? findName(op) : nullptr;
  putNameOr(out, name, "Invalid op", static_cast<std::uint64_t>(op));
}

void putVirtioHeader(LineBuffer& out, const VirtioHeader& virtio) {
  out.put(" (len ");
  out.putDecimal(virtio.payloadLengthBytes);
  out.put(", type ");
  putNameOr(out, findName(virtio.type), "Invalid type", static_cast<std::uint64_t>(virtio.type));
  out.put(", op ");
  putVirtioOp(out, virtio.op);
  out.put(", flags ");
  out.putHex(virtio.flags);
  out.put(", buf_alloc ");
  out.putDecimal(virtio.bufAlloc);
  out.put(", fwd_cnt ");
  out.putDecimal(virtio.fwdCnt);
  out.put(')');
}

/// Whatever stands behind the transport's header, the tap's excess included.
Bytes tappedPayload(const Frame& frame, const Packet& packet) {
  return frame.bytes.subspan(kVsockmonHeaderBytes + packet.transportHeader.size());
}

}  // namespace

void putTcpdumpLine(LineBuffer& out, const Frame& frame, const Packet& packet) {
  if (packet.decoded == Decoded::Nothing) return out.put(" [|vsock]");
  putTransport(out, packet.monitor.transport);
  out.put(' ');
  putAddressesAndOp(out, frame, packet);
}

void putTcpdumpDetails(LineBuffer& out, const Frame& frame, const Packet& packet, int verbosity) {
  if (packet.decoded == Decoded::Nothing) return out.put(" [|vsock]");
  putTransport(out, packet.monitor.transport);
  const bool isVirtio = packet.monitor.transport == Transport::Virtio;
  if (isVirtio && packet.decoded != Decoded::Virtio) {
    out.put(' ');
    putAddressesAndOp(out, frame, packet);
    return out.put(" [|vsock]");
  }
  if (isVirtio) putVirtioHeader(out, packet.virtio);
  out.put("\n\t");
  putAddressesAndOp(out, frame, packet);
  if (verbosity < 2 || packet.monitor.op != MonitorOp::Payload) return;
  const Bytes payload = tappedPayload(frame, packet);
  if (payload.empty()) return;
  out.put('\n');
  putHexDump(out, payload, "\t");
}

bool putTcpdumpInvalidHeader(LineBuffer& out, const Frame& frame) {
  const std::size_t captured = frame.bytes.size();
  const std::size_t length = frame.wireLengthBytes;
  if (captured != 0 && length != 0 && captured <= length) return false;
  out.put("[Invalid header:");
  if (captured == 0) out.put(" caplen==0");
  if (length == 0) out.put(captured == 0 ? ", len==0" : " len==0");
  if (captured != 0 && length != 0) {
    out.put(" len(");
    out.putDecimal(length);
    out.put(") < caplen(");
    out.putDecimal(captured);
    out.put(')');
  }
  out.put(']');
  return true;
}

}  // namespace vsdump
