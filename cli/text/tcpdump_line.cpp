// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/tcpdump_line.h"

#include <string_view>

#include "cli/text/hex_dump.h"
#include "dissector/names/protocol_names.h"

namespace vsdump {

namespace {

inline char* writeNameOr(char* to, const FieldName* name, std::string_view orBefore,
                         std::uint64_t value) {
  if (name != nullptr) [[likely]] {
    return writeText(to, name->name);
  }
  to = writeText(to, orBefore);
  to = writeText(to, " (");
  to = writeDecimal(to, value);
  return writeText(to, ")");
}

void putNameOr(LineBuffer& out, const FieldName* name, std::string_view orBefore,
               std::uint64_t value) {
  out.advanceTo(writeNameOr(out.room(kLongestTcpdumpLine), name, orBefore, value));
}

inline char* writeTransport(char* to, Transport transport) {
  return writeNameOr(to, findName(transport), "Invalid transport",
                     static_cast<std::uint64_t>(transport));
}

inline char* writeAddress(char* to, const Address& address) {
  to = writeDecimal(to, raw(address.cid));
  *to++ = '.';
  return writeDecimal(to, raw(address.port));
}

/// With a blank behind them.
inline char* writeAddresses(char* to, const Packet& packet) {
  to = writeAddress(to, packet.monitor.src);
  to = writeText(to, " > ");
  to = writeAddress(to, packet.monitor.dst);
  *to++ = ' ';
  return to;
}

inline char* writeOp(char* to, const Frame& frame, const Packet& packet) {
  const MonitorOp op = packet.monitor.op;
  to = writeNameOr(to, findName(op), " invalid op", static_cast<std::uint64_t>(op));
  to = writeText(to, ", length ");
  return writeDecimal(to, frame.bytes.size());
}

void putTransport(LineBuffer& out, Transport transport) {
  out.advanceTo(writeTransport(out.room(kLongestTcpdumpLine), transport));
}

void putAddressesAndOp(LineBuffer& out, const Frame& frame, const Packet& packet) {
  out.advanceTo(writeOp(writeAddresses(out.room(kLongestTcpdumpLine), packet), frame, packet));
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

char* writeTcpdumpLine(char* to, const Frame& frame, const Packet& packet) {
  if (packet.decoded == Decoded::Nothing) return writeText(to, " [|vsock]");
  return writeOp(writeTcpdumpEnds(to, packet), frame, packet);
}

char* writeTcpdumpEnds(char* to, const Packet& packet) {
  to = writeTransport(to, packet.monitor.transport);
  *to++ = ' ';
  return writeAddresses(to, packet);
}

char* writeTcpdumpOp(char* to, const Frame& frame, const Packet& packet) {
  return writeOp(to, frame, packet);
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
  if (payload.empty()) {
    if (packet.payloadLengthBytes != 0) out.put(" [|vsock]");
    return;
  }
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
