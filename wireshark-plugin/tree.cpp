// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/tree.h"

#include "dissector/names/protocol_names.h"
#include "wireshark-plugin/addresses.h"
#include "wireshark-plugin/fields.h"

namespace vsdump {

namespace {

/// Where the virtio header begins, and the fields of both headers.
constexpr int kVirtioAt = static_cast<int>(kVsockmonHeaderBytes);

/// "REQUEST", or "op 65535" of what has no name.
template <typename Value>
const char* nameOf(Value value, const char* what, wmem_allocator_t* pool) {
  const FieldName* name = findName(value);
  return name != nullptr ? name->name.data()
                         : wmem_strdup_printf(pool, "%s %u", what, static_cast<unsigned>(value));
}

void addEnds(const View& view, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  const char* src = endIn(pinfo->pool, view.src);
  const char* dst = endIn(pinfo->pool, view.dst);
  proto_tree_add_string(tree, fields.src, tvb, 0, 0, src);
  proto_tree_add_string(tree, fields.dst, tvb, 0, 0, dst);
  proto_item_set_hidden(proto_tree_add_string(tree, fields.end, tvb, 0, 0, src));
  proto_item_set_hidden(proto_tree_add_string(tree, fields.end, tvb, 0, 0, dst));
  const VsockmonHeader& header = view.packet.monitor;
  proto_tree_add_uint64(tree, fields.srcCid, tvb, 0, 8, raw(header.src.cid));
  proto_tree_add_uint64(tree, fields.dstCid, tvb, 8, 8, raw(header.dst.cid));
  proto_tree_add_uint(tree, fields.srcPort, tvb, 16, 4, raw(header.src.port));
  proto_tree_add_uint(tree, fields.dstPort, tvb, 20, 4, raw(header.dst.port));
  proto_item_set_hidden(proto_tree_add_uint(tree, fields.port, tvb, 16, 4, raw(header.src.port)));
  proto_item_set_hidden(proto_tree_add_uint(tree, fields.port, tvb, 20, 4, raw(header.dst.port)));
}

void addFlags(const View& view, tvbuff_t* tvb, proto_tree* tree) {
  const VirtioHeader& header = view.packet.virtio;
  proto_item* item = proto_tree_add_uint(tree, fields.flags, tvb, kVirtioAt + 32, 4, header.flags);
  const bool isShutdown = header.op == VirtioOp::Shutdown;
  const bool isMessage = header.op == VirtioOp::Rw && header.type == VirtioType::Seqpacket;
  if (!isShutdown && !isMessage) return;
  proto_tree* bits = proto_item_add_subtree(item, subtrees.flags);
  const int first = isShutdown ? fields.flagReceive : fields.flagEndOfMessage;
  const int second = isShutdown ? fields.flagSend : fields.flagEndOfRecord;
  proto_tree_add_boolean(bits, first, tvb, kVirtioAt + 32, 4, header.flags);
  proto_tree_add_boolean(bits, second, tvb, kVirtioAt + 32, 4, header.flags);
  for (const FieldName& name : flagNames(header.type, header.op)) {
    if ((header.flags & name.value) != 0) proto_item_append_text(item, " %s", name.name.data());
  }
}

void addLink(proto_tree* tree, int field, tvbuff_t* tvb, std::uint32_t frame) {
  if (frame != 0) proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, frame));
}

void addDuration(proto_tree* tree, int field, tvbuff_t* tvb, std::int64_t nanoseconds) {
  nstime_t time;
  time.secs = static_cast<time_t>(nanoseconds / 1'000'000'000);
  time.nsecs = static_cast<int>(nanoseconds % 1'000'000'000);
  proto_item_set_generated(proto_tree_add_time(tree, field, tvb, 0, 0, &time));
}

void addNumber(proto_tree* tree, int field, tvbuff_t* tvb, std::uint32_t value) {
  proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, value));
}

void addLinks(const View& view, tvbuff_t* tvb, proto_tree* tree) {
  const ConnectionFacts& c = view.connection;
  const auto frame = static_cast<std::uint32_t>(raw(view.frame.number));
  const bool isRefused = c.state == ConnectionState::Refused;
  if (c.openFrame != 0 && c.openFrame <= frame) {
    addDuration(tree, fields.handshake, tvb, c.handshakeNs);
  }
  if (frame == c.firstFrame) {
    addLink(tree, fields.responseIn, tvb,
            c.openFrame != 0 ? c.openFrame
            : isRefused      ? c.endFrame
                             : 0);
    if (c.endFrame != frame) addLink(tree, fields.endIn, tvb, c.endFrame);
  } else if (frame == c.openFrame || (isRefused && frame == c.endFrame)) {
    addLink(tree, fields.requestIn, tvb, c.firstFrame);
  }
  if (view.facts.cause == ResetCause::None) return;
  addNumber(tree, fields.resetCause, tvb, static_cast<std::uint32_t>(view.facts.cause));
  addLink(tree, fields.causeIn, tvb, view.facts.causeFrame);
}

}  // namespace

void addHeaders(const View& view, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  addEnds(view, tvb, pinfo, tree);
  const Packet& packet = view.packet;
  proto_tree_add_uint(tree, fields.monitorOp, tvb, 24, 2, static_cast<guint32>(packet.monitor.op));
  proto_tree_add_uint(tree, fields.transport, tvb, 26, 2,
                      static_cast<guint32>(packet.monitor.transport));
  if (!view.isVirtio()) return;
  const VirtioHeader& header = packet.virtio;
  proto_tree_add_uint(tree, fields.op, tvb, kVirtioAt + 30, 2, static_cast<guint32>(header.op));
  proto_tree_add_uint(tree, fields.type, tvb, kVirtioAt + 28, 2, static_cast<guint32>(header.type));
  addFlags(view, tvb, tree);
  proto_tree_add_uint(tree, fields.len, tvb, kVirtioAt + 24, 4, header.payloadLengthBytes);
  proto_tree_add_uint(tree, fields.bufAlloc, tvb, kVirtioAt + 36, 4, header.bufAlloc);
  proto_tree_add_uint(tree, fields.fwdCnt, tvb, kVirtioAt + 40, 4, header.fwdCnt);
  addNumber(tree, fields.payloadLength, tvb, packet.payloadLengthBytes);
  if (view.payload != nullptr) {
    proto_tree_add_item(tree, fields.payload, view.payload, 0,
                        static_cast<gint>(tvb_captured_length(view.payload)), ENC_NA);
  }
}

void addConnection(const View& view, tvbuff_t* tvb, proto_tree* tree) {
  if (!view.hasConnection()) return;
  const Observation& seen = view.facts.seen;
  addNumber(tree, fields.stream, tvb, raw(seen.connection));
  addNumber(tree, fields.direction, tvb, static_cast<std::uint32_t>(seen.direction));
  addNumber(tree, fields.state, tvb, static_cast<std::uint32_t>(view.facts.state));
  if (view.service != nullptr) {
    proto_item_set_generated(proto_tree_add_string(tree, fields.service, tvb, 0, 0, view.service));
  }
  if (seen.isDuplicate) {
    proto_item_set_generated(proto_tree_add_boolean(tree, fields.duplicate, tvb, 0, 0, TRUE));
  }
  if (view.carriesStream()) {
    proto_item_set_generated(
        proto_tree_add_uint64(tree, fields.position, tvb, 0, 0, seen.streamOffset));
    proto_item_set_generated(proto_tree_add_uint64(
        tree, fields.nextPosition, tvb, 0, 0, seen.streamOffset + view.packet.payloadLengthBytes));
  }
  if (seen.credit != Observation::kUnknownCredit) {
    addNumber(tree, fields.credit, tvb, seen.credit);
    addNumber(tree, fields.window, tvb, seen.window);
    if (seen.isPossiblyBlocked) {
      proto_item_set_generated(
          proto_tree_add_boolean(tree, fields.possiblyBlocked, tvb, 0, 0, TRUE));
    }
  }
  if (view.facts.previousFrame != 0) {
    addDuration(tree, fields.sincePrevious, tvb, view.facts.sincePreviousNs);
    addLink(tree, fields.previousIn, tvb, view.facts.previousFrame);
  }
  addLinks(view, tvb, tree);
}

void fillColumns(const View& view, packet_info* pinfo) {
  const Packet& packet = view.packet;
  setCid(pinfo->pool, &pinfo->src, packet.monitor.src.cid);
  setCid(pinfo->pool, &pinfo->dst, packet.monitor.dst.cid);
  copy_address_shallow(&pinfo->net_src, &pinfo->src);
  copy_address_shallow(&pinfo->net_dst, &pinfo->dst);
  pinfo->srcport = raw(packet.monitor.src.port);
  pinfo->destport = raw(packet.monitor.dst.port);
  col_set_str(pinfo->cinfo, COL_PROTOCOL, "vsockmon");
  col_clear(pinfo->cinfo, COL_INFO);
  col_add_fstr(pinfo->cinfo, COL_INFO, "%u \u2192 %u ", pinfo->srcport, pinfo->destport);
  if (!view.isVirtio()) {
    col_append_fstr(pinfo->cinfo, COL_INFO, "[%s] %s", nameOf(packet.monitor.op, "op", pinfo->pool),
                    nameOf(packet.monitor.transport, "transport", pinfo->pool));
    return;
  }
  const VirtioHeader& header = packet.virtio;
  col_append_fstr(pinfo->cinfo, COL_INFO, "[%s", nameOf(header.op, "op", pinfo->pool));
  for (const FieldName& name : flagNames(header.type, header.op)) {
    if ((header.flags & name.value) == 0) continue;
    col_append_fstr(pinfo->cinfo, COL_INFO, ", %s", name.name.data());
  }
  col_append_str(pinfo->cinfo, COL_INFO, "]");
  if (header.type != VirtioType::Stream) {
    col_append_fstr(pinfo->cinfo, COL_INFO, " %s", nameOf(header.type, "type", pinfo->pool));
  }
  if (view.carriesStream()) {
    col_append_fstr(pinfo->cinfo, COL_INFO, " Pos=%" G_GUINT64_FORMAT,
                    view.facts.seen.streamOffset);
  }
  if (packet.payloadLengthBytes != 0) {
    col_append_fstr(pinfo->cinfo, COL_INFO, " Len=%u", packet.payloadLengthBytes);
  }
  if (view.facts.seen.credit != Observation::kUnknownCredit) {
    col_append_fstr(pinfo->cinfo, COL_INFO, " Credit=%u", view.facts.seen.credit);
  }
  if (view.facts.seen.isDuplicate) col_append_str(pinfo->cinfo, COL_INFO, " [duplicate]");
}

}  // namespace vsdump
