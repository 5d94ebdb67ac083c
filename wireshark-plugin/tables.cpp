// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/tables.h"

#include "wireshark-plugin/addresses.h"
#include "wireshark-plugin/view.h"

namespace vsdump {

namespace {

/// What the record had on the wire, less what the kernel's tap had added.
int bytesOf(const View& view, const packet_info& pinfo) {
  if (!view.isVirtio()) return static_cast<int>(pinfo.fd->pkt_len);
  return static_cast<int>(kVsockmonHeaderBytes + view.packet.monitor.transportLengthBytes +
                          view.packet.payloadLengthBytes);
}

const char* filterName(conv_filter_type_e filter) {
  switch (filter) {
    case CONV_FT_SRC_ADDRESS:
      return "vsockmon.src";
    case CONV_FT_DST_ADDRESS:
      return "vsockmon.dst";
    case CONV_FT_ANY_ADDRESS:
      return "vsockmon.end";
    default:
      return CONV_FILTER_INVALID;  // the port is part of the address
  }
}

tap_packet_status countConversation(void* table, packet_info* pinfo, epan_dissect_t*,
                                    const void* data, tap_flags_t flags) {
  static ct_dissector_info_t info = {
      [](conv_item_t*, conv_filter_type_e filter) { return filterName(filter); }};
  const View& view = *static_cast<const View*>(data);
  if (!view.hasConnection() || view.facts.seen.isDuplicate) return TAP_PACKET_DONT_REDRAW;
  auto* hash = static_cast<conv_hash_t*>(table);
  hash->flags = flags;
  address src;
  address dst;
  setEnd(pinfo->pool, &src, view.src);
  setEnd(pinfo->pool, &dst, view.dst);
  add_conversation_table_data_with_conv_id(hash, &src, &dst, 0, 0, raw(view.facts.seen.connection),
                                           1, bytesOf(view, *pinfo), &pinfo->rel_ts, &pinfo->abs_ts,
                                           &info, CONVERSATION_NONE);
  return TAP_PACKET_REDRAW;
}

tap_packet_status countEndpoint(void* table, packet_info* pinfo, epan_dissect_t*, const void* data,
                                tap_flags_t flags) {
  static et_dissector_info_t info = {
      [](endpoint_item_t*, conv_filter_type_e filter) { return filterName(filter); }};
  const View& view = *static_cast<const View*>(data);
  if (!view.hasConnection() || view.facts.seen.isDuplicate) return TAP_PACKET_DONT_REDRAW;
  auto* hash = static_cast<conv_hash_t*>(table);
  hash->flags = flags;
  address end;
  setEnd(pinfo->pool, &end, view.src);
  add_endpoint_table_data(hash, &end, 0, TRUE, 1, bytesOf(view, *pinfo), &info, ENDPOINT_NONE);
  setEnd(pinfo->pool, &end, view.dst);
  add_endpoint_table_data(hash, &end, 0, FALSE, 1, bytesOf(view, *pinfo), &info, ENDPOINT_NONE);
  return TAP_PACKET_REDRAW;
}

/// Adds a packet's payload to a followed stream. The client is who sent the REQUEST, not who sent
/// the first byte.
tap_packet_status followPayload(void* tapData, packet_info* pinfo, epan_dissect_t*,
                                const void* data, tap_flags_t) {
  const View& view = *static_cast<const View*>(data);
  if (!view.carriesStream() || view.payload == nullptr) return TAP_PACKET_DONT_REDRAW;
  auto* follow = static_cast<follow_info_t*>(tapData);
  if (follow->client_ip.type == AT_NONE) {
    setCid(nullptr, &follow->client_ip, view.connection.client.cid);
    setCid(nullptr, &follow->server_ip, view.connection.server.cid);
    follow->client_port = raw(view.connection.client.port);
    follow->server_port = raw(view.connection.server.port);
  }
  const guint length = tvb_captured_length(view.payload);
  auto* record = g_new0(follow_record_t, 1);
  record->is_server = view.facts.seen.direction == Direction::ToClient;
  record->packet_num = pinfo->num;
  record->abs_ts = pinfo->abs_ts;
  record->data =
      g_byte_array_append(g_byte_array_sized_new(length),
                          tvb_get_ptr(view.payload, 0, static_cast<gint>(length)), length);
  follow->bytes_written[record->is_server] += length;
  follow->payload = g_list_prepend(follow->payload, record);
  return TAP_PACKET_DONT_REDRAW;
}

const FrameFacts* factsOf(const packet_info* pinfo) {
  const CaptureState* state = captureState();
  const FrameFacts* facts = state == nullptr ? nullptr : state->knownFacts(pinfo->num);
  return facts != nullptr && facts->seen.connection != kNoConnection ? facts : nullptr;
}

gchar* streamFilter(guint stream, guint) {
  return g_strdup_printf("vsockmon.stream eq %u", stream);
}

gchar* filterOfPacket(packet_info* pinfo) {
  const FrameFacts* facts = factsOf(pinfo);
  return facts == nullptr ? nullptr : streamFilter(raw(facts->seen.connection), 0);
}

gchar* followedStream(epan_dissect_t*, packet_info* pinfo, guint* stream, guint*) {
  const FrameFacts* facts = factsOf(pinfo);
  if (facts == nullptr) return nullptr;
  *stream = raw(facts->seen.connection);
  return streamFilter(*stream, 0);
}

gchar* noAddressFilter(address*, address*, int, int) {
  return nullptr;  // tshark reads IP addresses only here
}

gchar* portText(wmem_allocator_t* allocator, guint port) {
  return wmem_strdup_printf(allocator, "%u", port);
}

}  // namespace

void registerTables(int protocol) {
  register_conversation_table(protocol, TRUE, countConversation, countEndpoint);
  register_conversation_filter(
      "vsockmon", "vsock connection",
      [](packet_info* pinfo) -> gboolean { return factsOf(pinfo) != nullptr; }, filterOfPacket);
#if WIRESHARK_VERSION_MAJOR > 4 || (WIRESHARK_VERSION_MAJOR == 4 && WIRESHARK_VERSION_MINOR >= 2)
#error "register_follow_stream() of this Wireshark takes more arguments than that of 4.0"
#endif
  register_follow_stream(protocol, "vsockmon", followedStream, streamFilter, noAddressFilter,
                         portText, followPayload);
}

}  // namespace vsdump
