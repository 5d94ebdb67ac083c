// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/payload.h"

#include <epan/dissectors/packet-tcp.h>

#include <array>
#include <charconv>
#include <new>
#include <string_view>

#include "wireshark-plugin/capture_state.h"
#include "wireshark-plugin/field_row.h"
#include "wireshark-plugin/json_lines.h"
#include "wireshark-plugin/tree.h"
#include "wireshark-plugin/ttrpc.h"

namespace vsdump {

namespace {

dissector_table_t portTable = nullptr;
heur_dissector_list_t heuristics = nullptr;
gboolean reassembles = TRUE;
const char* decodeAsText = "";

struct PayloadFields {
  int joinedBytes = -1;
  int joinedFrom = -1;
  int joinedIn = -1;
};
PayloadFields joinedFields;

/// Wireshark's dissectors, by the names that payload::protocols() have.
struct KnownDissector {
  std::string_view protocol;
  const char* dissector;  ///< nullptr: only by its heuristic
  const char* heuristic = nullptr;
  dissector_handle_t handle = nullptr;
  heur_dtbl_entry_t* entry = nullptr;
};
auto knownDissectors = std::to_array<KnownDissector>({
    {"ttrpc", "vsockmon.ttrpc"},
    {"ssh", "ssh"},
    {"tls", "tls"},
    {"http", "http-over-tcp"},
    {"http2", "http2"},
    {"nbd", nullptr, "nbd_tcp"},
    {"qemu-agent", "vsockmon.json"},
    {"kata-log", "vsockmon.json"},
});

/// Others that "Decode As" offers. They are known to need nothing of TCP but what they are given.
constexpr std::array kOffered{"vsockmon.ttrpc", "vsockmon.json", "ssh",  "tls",     "http-over-tcp",
                              "http2",          "json",          "data", "protobuf"};

/// What takes a packet's payload.
struct Target {
  dissector_handle_t handle = nullptr;
  heur_dtbl_entry_t* entry = nullptr;
  bool triesHeuristics = false;

  bool isAny() const { return handle != nullptr || entry != nullptr || triesHeuristics; }
};

Target targetOf(const View& view) {
  const ConnectionFacts& c = view.connection;
  for (const Address& end : {c.server, c.client}) {
    if (auto* handle = dissector_get_uint_handle(portTable, raw(end.port)))
      return {.handle = handle};
  }
  const auto all = payload::protocols();
  if (view.facts.protocol >= all.size()) return {.triesHeuristics = true};
  for (const KnownDissector& known : knownDissectors) {
    if (known.protocol != all[view.facts.protocol]->name) continue;
    return {.handle = known.handle, .entry = known.entry};
  }
  return {};
}

/// What a dissector has asked for.
struct Asked {
  int consumed = 0;
  std::uint32_t offset = 0;
  std::uint32_t more = 0;
};

/// Calls the dissector, whatever it throws.
Asked call(const Target& target, const View& view, tvbuff_t* tvb, packet_info* pinfo,
           proto_tree* tree, bool mayAsk) {
  tcpinfo tcp{};
  const bool isJoined = tvb_reported_length(tvb) != view.packet.payloadLengthBytes;
  tcp.seq = static_cast<guint32>(view.facts.seen.streamOffset);
  tcp.nxtseq = tcp.seq + view.packet.payloadLengthBytes;
  tcp.is_reassembled = isJoined ? TRUE : FALSE;
  pinfo->can_desegment = mayAsk ? 2 : 0;
  pinfo->desegment_offset = 0;
  pinfo->desegment_len = 0;
  pinfo->match_uint = raw(view.connection.server.port);  // by it, SSH's knows who the server is
  const char* const current = pinfo->current_proto;
  volatile int consumed = 0;
  TRY {
    if (target.handle != nullptr) {
      consumed = call_dissector_only(target.handle, tvb, pinfo, tree, &tcp);
    } else if (target.entry != nullptr) {
      // Not through call_heur_dissector_direct(), which makes "Data" of what is none of its own.
      pinfo->can_desegment = mayAsk ? 1 : 0;
      if (target.entry->enabled != FALSE) {
        pinfo->current_proto = proto_get_protocol_short_name(target.entry->protocol);
        consumed = target.entry->dissector(tvb, pinfo, tree, &tcp) != FALSE ? 1 : 0;
      }
    } else if (target.triesHeuristics) {
      heur_dtbl_entry_t* entry = nullptr;
      consumed =
          dissector_try_heuristic(heuristics, tvb, pinfo, tree, &entry, &tcp) != FALSE ? 1 : 0;
    }
  }
  CATCH_NONFATAL_ERRORS {
    show_exception(tvb, pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    pinfo->desegment_len = 0;
  }
  ENDTRY;
  pinfo->current_proto = current;
  Asked asked{.consumed = consumed};
  if (mayAsk && pinfo->desegment_len != 0) {
    asked.offset =
        pinfo->desegment_offset < 0 ? 0 : static_cast<std::uint32_t>(pinfo->desegment_offset);
    asked.more = pinfo->desegment_len;
  }
  pinfo->can_desegment = 0;
  pinfo->desegment_len = 0;
  return asked;
}

tvbuff_t* joinedBuffer(tvbuff_t* record, packet_info* pinfo, const guint8* bytes,
                       std::uint32_t count) {
  tvbuff_t* tvb = tvb_new_child_real_data(record, bytes, count, static_cast<gint>(count));
  add_new_data_source(pinfo, tvb, "Several vsock packets");
  return tvb;
}

void addJoined(tvbuff_t* tvb, proto_tree* tree, std::uint32_t count, std::uint32_t firstFrame) {
  proto_item_set_generated(proto_tree_add_uint(tree, joinedFields.joinedBytes, tvb, 0, 0, count));
  proto_item_set_generated(
      proto_tree_add_uint(tree, joinedFields.joinedFrom, tvb, 0, 0, firstFrame));
}

StreamUnits::Piece pieceOf(const View& view) {
  return {.connection = view.facts.seen.connection,
          .direction = view.facts.seen.direction,
          .frame = static_cast<std::uint32_t>(raw(view.frame.number)),
          .offset = view.facts.seen.streamOffset,
          .bytes = payloadOf(view.frame, view.packet, view.facts.seen),
          .isWhole = tvb_captured_length(view.payload) == tvb_reported_length(view.payload)};
}

/// The three steps of StreamUnits. They call nothing of Wireshark's that throws, and without memory
/// nothing more is put together.
StreamUnits::Shown takePiece(const StreamUnits::Piece& piece, bool waits,
                             wmem_allocator_t* scope) noexcept {
  CaptureState* state = captureState();
  if (state == nullptr) return {};
  try {
    return state->units().take(piece, waits, scope);
  } catch (const std::bad_alloc&) {
    dropCaptureState();
    return {};
  }
}

void answerPiece(const StreamUnits::Piece& piece, const StreamUnits::Shown& shown,
                 const Asked& asked) noexcept {
  CaptureState* state = captureState();
  if (state == nullptr) return;
  try {
    state->units().answered(piece, shown, asked.offset, asked.more);
  } catch (const std::bad_alloc&) {
    dropCaptureState();
  }
}

StreamUnits::Shown endWay(const View& view) noexcept {
  CaptureState* state = captureState();
  if (state == nullptr) return {};
  try {
    return state->units().end(view.facts.seen.connection, view.facts.seen.direction,
                              static_cast<std::uint32_t>(raw(view.frame.number)));
  } catch (const std::bad_alloc&) {
    dropCaptureState();
    return {};
  }
}

/// A packet of SEQPACKET that is not the last of its message.
bool isMiddle(const View& view) {
  return view.packet.virtio.type == VirtioType::Seqpacket &&
         (view.packet.virtio.flags & kSeqpacketEndOfMessage) == 0;
}

bool endsWay(const View& view) {
  const VirtioHeader& header = view.packet.virtio;
  return header.op == VirtioOp::Rst ||
         (header.op == VirtioOp::Shutdown && (header.flags & kShutdownSend) != 0);
}

/// The first time that a packet is dissected.
int cutUp(const Target& target, const View& view, tvbuff_t* record, packet_info* pinfo,
          proto_tree* root, proto_tree* own) {
  if (view.payload == nullptr) {
    if (!endsWay(view)) return 0;
    const StreamUnits::Shown shown = endWay(view);
    if (shown.lengthBytes == 0) return 0;
    addJoined(record, own, shown.lengthBytes, shown.firstFrame);
    tvbuff_t* tvb = joinedBuffer(record, pinfo, shown.joined, shown.lengthBytes);
    return call(target, view, tvb, pinfo, root, false).consumed;
  }
  const StreamUnits::Piece piece = pieceOf(view);
  const StreamUnits::Shown shown = takePiece(piece, isMiddle(view), pinfo->pool);
  if (shown.lengthBytes == 0) return 0;
  tvbuff_t* tvb = view.payload;
  if (shown.joined != nullptr) {
    addJoined(record, own, shown.lengthBytes, shown.firstFrame);
    tvb = joinedBuffer(record, pinfo, shown.joined, shown.lengthBytes);
  }
  const bool mayAsk = shown.mayAsk && view.packet.virtio.type == VirtioType::Stream;
  const Asked asked = call(target, view, tvb, pinfo, root, mayAsk);
  answerPiece(piece, shown, asked);
  if (asked.more == 0 || asked.offset != 0) return asked.consumed;
  // It waits for more, as it will not be shown this packet by itself when that is looked at again.
  fillColumns(view, pinfo);
  return 0;
}

/// A packet that was cut up before.
int showAgain(const Target& target, const View& view, const Unit* unit, tvbuff_t* record,
              packet_info* pinfo, proto_tree* root, proto_tree* own) {
  if (unit == nullptr) {
    return view.payload == nullptr ? 0
                                   : call(target, view, view.payload, pinfo, root, false).consumed;
  }
  int consumed = 0;
  if (unit->lengthBytes != 0) {
    tvbuff_t* tvb = nullptr;
    if (unit->joined != nullptr) {
      addJoined(record, own, unit->lengthBytes, unit->firstFrame);
      tvb = joinedBuffer(record, pinfo, unit->joined, unit->lengthBytes);
    } else {
      tvb = tvb_new_subset_length(view.payload, 0, static_cast<gint>(unit->lengthBytes));
    }
    consumed = call(target, view, tvb, pinfo, root, false).consumed;
  }
  if (unit->laterFrame != 0) {
    proto_item_set_generated(
        proto_tree_add_uint(own, joinedFields.joinedIn, record, 0, 0, unit->laterFrame));
  }
  return consumed;
}

/// The dissector has left the Info column empty, as NBD's does with requests whose reply it has not
/// understood, where they are looked at again.
bool saysNothing(const packet_info* pinfo) {
  const gchar* text = col_get_text(pinfo->cinfo, COL_INFO);
  return text != nullptr && *text == '\0';
}

}  // namespace

bool handOver(const View& view, tvbuff_t* record, packet_info* pinfo, proto_tree* root,
              proto_tree* own) {
  if (!view.hasConnection() || !view.isVirtio() || view.facts.seen.isDuplicate) return false;
  if (view.payload != nullptr ? !view.carriesStream() : !endsWay(view)) return false;
  const Target target = targetOf(view);
  if (!target.isAny()) return false;
  // One conversation a connection, whatever ports are used again.
  conversation_set_elements_by_id(pinfo, CONVERSATION_NONE, raw(view.facts.seen.connection));
  int consumed = 0;
  const bool isFirst = pinfo->fd->visited == 0;
  if (reassembles == FALSE) {
    if (view.payload == nullptr) return false;
    consumed = call(target, view, view.payload, pinfo, root, false).consumed;
  } else if (isFirst) {
    consumed = cutUp(target, view, record, pinfo, root, own);
  } else if (CaptureState* state = captureState()) {
    const Unit* unit = state->units().of(static_cast<std::uint32_t>(raw(view.frame.number)));
    consumed = showAgain(target, view, unit, record, pinfo, root, own);
  }
  if (consumed == 0 || target.handle == jsonLines()) return false;
  if (!saysNothing(pinfo)) return true;
  fillColumns(view, pinfo);
  return false;
}

void registerPayload(int protocol) {
  portTable =
      register_dissector_table("vsockmon.port", "vsock port", protocol, FT_UINT32, BASE_DEC);
  heuristics = register_heur_dissector_list("vsockmon", protocol);
  static std::array rows = {
      row(joinedFields.joinedBytes, "Put together", "vsockmon.joined.length", FT_UINT32, BASE_DEC,
          nullptr, "Bytes of this and older packets"),
      row(joinedFields.joinedFrom, "Beginning in", "vsockmon.joined.from", FT_FRAMENUM, BASE_NONE),
      row(joinedFields.joinedIn, "Put together in", "vsockmon.joined.in", FT_FRAMENUM, BASE_NONE,
          nullptr, "The packet that shows the end of this payload together with newer packets"),
  };
  proto_register_field_array(protocol, rows.data(), static_cast<int>(rows.size()));
  registerTtrpc();
  registerJsonLines();
  static build_valid_func clientPort[] = {
      [](packet_info* pinfo) -> gpointer { return GUINT_TO_POINTER(pinfo->srcport); }};
  static build_valid_func serverPort[] = {
      [](packet_info* pinfo) -> gpointer { return GUINT_TO_POINTER(pinfo->destport); }};
  static decode_as_value_t values[] = {
      {[](packet_info* pinfo, gchar* prompt) {
         g_snprintf(prompt, MAX_DECODE_AS_PROMPT_LEN, "source (%u)", pinfo->srcport);
       },
       1, clientPort},
      {[](packet_info* pinfo, gchar* prompt) {
         g_snprintf(prompt, MAX_DECODE_AS_PROMPT_LEN, "destination (%u)", pinfo->destport);
       },
       1, serverPort},
  };
  static decode_as_t decodeAs = {"vsockmon",
                                 "vsockmon.port",
                                 2,
                                 1,
                                 values,
                                 nullptr,
                                 nullptr,
                                 decode_as_default_populate_list,
                                 decode_as_default_reset,
                                 decode_as_default_change,
                                 nullptr};
  register_decode_as(&decodeAs);
}

void findPayloadDissectors() {
  for (KnownDissector& known : knownDissectors) {
    if (known.dissector != nullptr) known.handle = find_dissector(known.dissector);
    if (known.heuristic != nullptr) {
      known.entry = find_heur_dissector_by_unique_short_name(known.heuristic);
    }
  }
  for (const char* name : kOffered) {
    if (auto* handle = find_dissector(name)) dissector_add_for_decode_as("vsockmon.port", handle);
  }
  findTtrpcDissectors();
  findJsonDissector();
}

void registerPayloadPreferences(module_t* module) {
  prefs_register_bool_preference(module, "reassemble", "Put payload together",
                                 "Whether dissectors of payload are given messages that span "
                                 "several packets, of SEQPACKET too",
                                 &reassembles);
  prefs_register_string_preference(
      module, "decode_as", "Decode ports as",
      "PORT=PROTOCOL, parted by commas, as vsdump's --decode-as has it: 1024=ttrpc,5000=http",
      &decodeAsText);
}

payload::DecodeAs decodeAsPreference() {
  payload::DecodeAs result;
  std::string_view rest = decodeAsText;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    std::string_view one = rest.substr(0, comma);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    const std::size_t equals = one.find('=');
    std::uint32_t port = 0;
    const char* end = one.data() + (equals == std::string_view::npos ? 0 : equals);
    const bool isPort = end != one.data() && std::from_chars(one.data(), end, port).ptr == end;
    const payload::Protocol* protocol =
        isPort ? payload::findProtocol(one.substr(equals + 1)) : nullptr;
    if (protocol != nullptr) {
      result[port] = protocol;
    } else if (!one.empty()) {
      report_failure("vsockmon.decode_as: \"%.*s\" is not PORT=PROTOCOL.",
                     static_cast<int>(one.size()), one.data());
    }
  }
  return result;
}

}  // namespace vsdump
