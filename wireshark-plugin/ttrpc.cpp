// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/ttrpc.h"

#include <epan/dissectors/packet-tcp.h>

#include <algorithm>
#include <array>
#include <vector>

#include "dissector/payload/protobuf.h"
#include "dissector/payload/ttrpc.h"
#include "wireshark-plugin/field_row.h"

namespace vsdump {

namespace {

constexpr guint kHeaderBytes = 10;
constexpr guint32 kLongestData = 4U << 20;  ///< that ttRPC allows
constexpr guint8 kRequest = 1;
constexpr guint8 kResponse = 2;

constexpr value_string kTypes[] = {
    {kRequest, "Request"}, {kResponse, "Response"}, {3, "Data"}, {0, nullptr}};

struct TtrpcFields {
  int length = -1;
  int stream = -1;
  int type = -1;
  int flags = -1;
  int service = -1;
  int method = -1;
  int timeout = -1;
  int status = -1;
  int message = -1;
  int payload = -1;
  int requestIn = -1;
  int responseIn = -1;
  int time = -1;
};

TtrpcFields ttrpcFields;
int ttrpcProtocol = -1;
int ttrpcSubtree = -1;
dissector_handle_t protobufHandle = nullptr;

/// A call, as long as the file is open.
struct Call {
  const char* service = "";
  const char* method = "";
  guint32 stream = 0;
  guint32 requestFrame = 0;
  guint32 responseFrame = 0;
  bool isToServer = false;  ///< the way of the Request, by the ports
  nstime_t requestTime{};
};

/// A frame of ttRPC while it is dissected.
struct TtrpcFrame {
  tvbuff_t* data = nullptr;
  guint32 stream = 0;
  guint8 type = 0;
};

/// Where a field of protobuf stands in the data.
struct Place {
  gint at = 0;
  gint size = 0;
};

const char* stringIn(wmem_allocator_t* scope, tvbuff_t* tvb, Place place) {
  if (place.size == 0) return "";
  return reinterpret_cast<const char*>(
      tvb_get_string_enc(scope, tvb, place.at, place.size, ENC_UTF_8 | ENC_NA));
}

/// What the fields of a Request, a Response or a Status are: texts and messages by their places,
/// numbers as they are. The first four fields are all that there is.
struct Parts {
  std::array<Place, 5> places{};
  std::array<guint64, 5> numbers{};
};

/// Plain, as Wireshark may throw while it is in use.
Parts partsOf(tvbuff_t* tvb, Place all) noexcept {
  Parts parts;
  const auto captured = static_cast<gint>(tvb_captured_length(tvb));
  const gint size = std::min(all.size, captured - all.at);
  if (size <= 0) return parts;
  const auto* begin = reinterpret_cast<const std::byte*>(tvb_get_ptr(tvb, all.at, size));
  payload::ProtobufReader reader(Bytes(begin, static_cast<std::size_t>(size)));
  while (const auto field = reader.next()) {
    if (field->number >= parts.places.size()) continue;
    parts.numbers[field->number] = field->value;
    if (!field->isBytes) continue;
    parts.places[field->number] = {.at = all.at + static_cast<gint>(field->bytes.data() - begin),
                                   .size = static_cast<gint>(field->bytes.size())};
  }
  return parts;
}

/// The calls of this connection, by stream and the packet of the Request.
wmem_tree_t* callsOf(packet_info* pinfo) {
  conversation_t* conversation = find_or_create_conversation(pinfo);
  auto* calls = static_cast<wmem_tree_t*>(conversation_get_proto_data(conversation, ttrpcProtocol));
  if (calls == nullptr) {
    calls = wmem_tree_new(wmem_file_scope());
    conversation_add_proto_data(conversation, ttrpcProtocol, calls);
  }
  return calls;
}

Call* findCall(packet_info* pinfo, guint32 stream) {
  guint32 frame = pinfo->num;
  std::array<wmem_tree_key_t, 3> key{{{1, &stream}, {1, &frame}, {0, nullptr}}};
  auto* call = static_cast<Call*>(wmem_tree_lookup32_array_le(callsOf(pinfo), key.data()));
  return call != nullptr && call->stream == stream ? call : nullptr;
}

Call* beginCall(packet_info* pinfo, guint32 stream, tvbuff_t* data, const Parts& parts) {
  auto* call = wmem_new0(wmem_file_scope(), Call);
  call->service = stringIn(wmem_file_scope(), data, parts.places[1]);
  call->method = stringIn(wmem_file_scope(), data, parts.places[2]);
  call->stream = stream;
  call->requestFrame = pinfo->num;
  call->isToServer = pinfo->srcport > pinfo->destport;
  call->requestTime = pinfo->abs_ts;
  guint32 frame = pinfo->num;
  std::array<wmem_tree_key_t, 3> key{{{1, &stream}, {1, &frame}, {0, nullptr}}};
  wmem_tree_insert32_array(callsOf(pinfo), key.data(), call);
  return call;
}

void addFrameLink(proto_tree* tree, int field, tvbuff_t* tvb, guint32 frame) {
  if (frame != 0) proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, frame));
}

/// What a call carries, to Wireshark's protobuf dissector, as gRPC's dissector names it.
void addPayload(tvbuff_t* data, Place place, const Call* call, bool isRequest, packet_info* pinfo,
                proto_tree* tree) {
  if (place.size == 0) return;
  proto_tree_add_item(tree, ttrpcFields.payload, data, place.at, place.size, ENC_NA);
  if (protobufHandle == nullptr || call == nullptr) return;
  char* which = wmem_strdup_printf(pinfo->pool, "application/ttrpc,/%s/%s,%s", call->service,
                                   call->method, isRequest ? "request" : "response");
  call_dissector_only(protobufHandle, tvb_new_subset_length(data, place.at, place.size), pinfo,
                      tree, which);
}

void addNames(const Call& call, tvbuff_t* tvb, proto_tree* tree) {
  proto_item_set_generated(
      proto_tree_add_string(tree, ttrpcFields.service, tvb, 0, 0, call.service));
  proto_item_set_generated(proto_tree_add_string(tree, ttrpcFields.method, tvb, 0, 0, call.method));
}

void dissectRequest(const TtrpcFrame& frame, packet_info* pinfo, proto_tree* tree) {
  const Parts parts = partsOf(frame.data, {0, static_cast<gint>(tvb_reported_length(frame.data))});
  Call* call = pinfo->fd->visited == 0 ? beginCall(pinfo, frame.stream, frame.data, parts)
                                       : findCall(pinfo, frame.stream);
  proto_tree_add_item(tree, ttrpcFields.service, frame.data, parts.places[1].at,
                      parts.places[1].size, ENC_UTF_8);
  proto_tree_add_item(tree, ttrpcFields.method, frame.data, parts.places[2].at,
                      parts.places[2].size, ENC_UTF_8);
  if (parts.numbers[4] != 0) {
    nstime_t timeout;
    timeout.secs = static_cast<time_t>(parts.numbers[4] / 1'000'000'000);
    timeout.nsecs = static_cast<int>(parts.numbers[4] % 1'000'000'000);
    proto_tree_add_time(tree, ttrpcFields.timeout, frame.data, 0, 0, &timeout);
  }
  if (call != nullptr) {
    addFrameLink(tree, ttrpcFields.responseIn, frame.data, call->responseFrame);
    col_append_sep_fstr(pinfo->cinfo, COL_INFO, "; ", "Request #%u %s/%s", frame.stream,
                        call->service, call->method);
  }
  addPayload(frame.data, parts.places[3], call, true, pinfo, tree);
}

void dissectResponse(const TtrpcFrame& frame, packet_info* pinfo, proto_tree* tree) {
  const Parts parts = partsOf(frame.data, {0, static_cast<gint>(tvb_reported_length(frame.data))});
  const Parts status = partsOf(frame.data, parts.places[1]);
  Call* call = findCall(pinfo, frame.stream);
  if (call != nullptr && call->isToServer == (pinfo->srcport > pinfo->destport)) call = nullptr;
  const auto code = static_cast<guint32>(status.numbers[1]);
  proto_tree_add_uint(tree, ttrpcFields.status, frame.data, parts.places[1].at,
                      parts.places[1].size, code);
  if (status.places[2].size != 0) {
    proto_tree_add_item(tree, ttrpcFields.message, frame.data, status.places[2].at,
                        status.places[2].size, ENC_UTF_8);
  }
  const std::string_view name = payload::rpcCodeName(code);
  col_append_sep_fstr(pinfo->cinfo, COL_INFO, "; ", "Response #%u %s %s", frame.stream,
                      call != nullptr ? call->method : "", name.empty() ? "?" : name.data());
  if (call != nullptr) {
    if (call->responseFrame == 0) call->responseFrame = pinfo->num;
    addNames(*call, frame.data, tree);
    addFrameLink(tree, ttrpcFields.requestIn, frame.data, call->requestFrame);
    nstime_t time;
    nstime_delta(&time, &pinfo->abs_ts, &call->requestTime);
    proto_item_set_generated(proto_tree_add_time(tree, ttrpcFields.time, frame.data, 0, 0, &time));
  }
  addPayload(frame.data, parts.places[2], call, false, pinfo, tree);
}

guint frameLength(packet_info*, tvbuff_t* tvb, int offset, void*) {
  return kHeaderBytes + std::min(tvb_get_ntohl(tvb, offset), kLongestData);
}

int dissectFrame(tvbuff_t* tvb, packet_info* pinfo, proto_tree* root, void*) {
  TtrpcFrame frame;
  frame.stream = tvb_get_ntohl(tvb, 4);
  frame.type = tvb_get_guint8(tvb, 8);
  frame.data = tvb_new_subset_remaining(tvb, kHeaderBytes);
  proto_item* item = proto_tree_add_item(root, ttrpcProtocol, tvb, 0, -1, ENC_NA);
  proto_tree* tree = proto_item_add_subtree(item, ttrpcSubtree);
  proto_item_append_text(item, ", %s, stream %u", val_to_str_const(frame.type, kTypes, "Unknown"),
                         frame.stream);
  proto_tree_add_item(tree, ttrpcFields.length, tvb, 0, 4, ENC_BIG_ENDIAN);
  proto_tree_add_item(tree, ttrpcFields.stream, tvb, 4, 4, ENC_BIG_ENDIAN);
  proto_tree_add_item(tree, ttrpcFields.type, tvb, 8, 1, ENC_BIG_ENDIAN);
  proto_tree_add_item(tree, ttrpcFields.flags, tvb, 9, 1, ENC_BIG_ENDIAN);
  if (frame.type == kRequest) {
    dissectRequest(frame, pinfo, tree);
  } else if (frame.type == kResponse) {
    dissectResponse(frame, pinfo, tree);
  } else {
    const Call* call = findCall(pinfo, frame.stream);
    if (call != nullptr) addNames(*call, tvb, tree);
    col_append_sep_fstr(pinfo->cinfo, COL_INFO, "; ", "Data #%u %s", frame.stream,
                        call != nullptr ? call->method : "");
    addPayload(frame.data, {0, static_cast<gint>(tvb_captured_length(frame.data))}, nullptr, true,
               pinfo, tree);
  }
  return static_cast<int>(tvb_captured_length(tvb));
}

int dissectTtrpc(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) {
  col_set_str(pinfo->cinfo, COL_PROTOCOL, "ttRPC");
  col_clear(pinfo->cinfo, COL_INFO);
  tcp_dissect_pdus(tvb, pinfo, tree, TRUE, kHeaderBytes, frameLength, dissectFrame, data);
  return static_cast<int>(tvb_captured_length(tvb));
}

}  // namespace

void registerTtrpc() {
  static std::vector<value_string> codes;
  for (guint32 code = 0; !payload::rpcCodeName(code).empty(); ++code) {
    codes.push_back({code, payload::rpcCodeName(code).data()});
  }
  codes.push_back({0, nullptr});
  ttrpcProtocol = proto_register_protocol("ttRPC", "ttRPC", "vsockmon.ttrpc");
  static std::array rows = {
      row(ttrpcFields.length, "Length", "vsockmon.ttrpc.length", FT_UINT32, BASE_DEC),
      row(ttrpcFields.stream, "Stream", "vsockmon.ttrpc.stream", FT_UINT32, BASE_DEC),
      row(ttrpcFields.type, "Type", "vsockmon.ttrpc.type", FT_UINT8, BASE_DEC, kTypes),
      row(ttrpcFields.flags, "Flags", "vsockmon.ttrpc.flags", FT_UINT8, BASE_HEX, nullptr,
          "1: the sender has no more data, 2: it has, 4: there is none here"),
      row(ttrpcFields.service, "Service", "vsockmon.ttrpc.service", FT_STRING, BASE_NONE),
      row(ttrpcFields.method, "Method", "vsockmon.ttrpc.method", FT_STRING, BASE_NONE),
      row(ttrpcFields.timeout, "Timeout", "vsockmon.ttrpc.timeout", FT_RELATIVE_TIME, BASE_NONE),
      row(ttrpcFields.status, "Status", "vsockmon.ttrpc.status", FT_UINT32, BASE_DEC, codes.data()),
      row(ttrpcFields.message, "Message of the status", "vsockmon.ttrpc.message", FT_STRING,
          BASE_NONE),
      row(ttrpcFields.payload, "Payload", "vsockmon.ttrpc.payload", FT_BYTES, BASE_NONE),
      row(ttrpcFields.requestIn, "Request in", "vsockmon.ttrpc.request_in", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_REQUEST)),
      row(ttrpcFields.responseIn, "Response in", "vsockmon.ttrpc.response_in", FT_FRAMENUM,
          BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE)),
      row(ttrpcFields.time, "Response time", "vsockmon.ttrpc.time", FT_RELATIVE_TIME, BASE_NONE),
  };
  proto_register_field_array(ttrpcProtocol, rows.data(), static_cast<int>(rows.size()));
  static std::array<int*, 1> trees = {&ttrpcSubtree};
  proto_register_subtree_array(trees.data(), static_cast<int>(trees.size()));
  register_dissector("vsockmon.ttrpc", dissectTtrpc, ttrpcProtocol);
}

void findTtrpcDissectors() {
  protobufHandle = find_dissector("protobuf");
}

}  // namespace vsdump
