// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/view.h"

#include <new>

#include "dissector/connection/finding_text.h"
#include "dissector/names/service_lookup.h"

namespace vsdump {

namespace {

std::int64_t nanoseconds(const nstime_t& time) {
  constexpr std::int64_t kMostSeconds = INT64_MAX / 1'000'000'000 - 1;
  const std::int64_t seconds = time.secs > kMostSeconds    ? kMostSeconds
                               : time.secs < -kMostSeconds ? -kMostSeconds
                                                           : time.secs;
  return seconds * 1'000'000'000 + time.nsecs;
}

std::uint32_t interfaceOf(const packet_info& pinfo) {
  const wtap_rec* record = pinfo.rec;
  if (record == nullptr || record->rec_type != REC_TYPE_PACKET) return 0;
  return (record->presence_flags & WTAP_HAS_INTERFACE_ID) != 0
             ? record->rec_header.packet_header.interface_id
             : 0;
}

void ask(View& view) {
  CaptureState* state = captureState();
  if (state == nullptr) return;
  const FrameFacts* facts = state->factsOf(view.frame, view.packet);
  if (facts == nullptr) return;
  view.facts = *facts;
  if (const ConnectionFacts* c = state->connection(facts->seen.connection)) view.connection = *c;
  const auto number = static_cast<std::uint32_t>(raw(view.frame.number));
  view.findings = state->findingsOf(number);
  view.messages = state->messages().of(number);
}

const char* serviceOf(const ConnectionFacts& connection) {
  static const ServiceNames names;
  static ServiceLookup lookup(names);
  const std::string_view name =
      lookup.of(connection.type, connection.client.cid, connection.server).name;
  return name.empty() ? nullptr : name.data();  // a literal, which ends with a zero byte
}

}  // namespace

View* lookAt(tvbuff_t* tvb, packet_info* pinfo) noexcept {
  View& view = *new (wmem_alloc(pinfo->pool, sizeof(View))) View();
  const auto captured = tvb_captured_length(tvb);
  view.frame = {.bytes = std::as_bytes(
                    std::span(captured != 0 ? tvb_get_ptr(tvb, 0, -1) : nullptr, captured)),
                .timestampNs = nanoseconds(pinfo->abs_ts),
                .number = FrameNumber{pinfo->num},
                .wireLengthBytes = tvb_reported_length(tvb),
                .interfaceIndex = interfaceOf(*pinfo)};
  view.packet = dissect(view.frame);
  view.src = view.packet.monitor.src;
  view.dst = view.packet.monitor.dst;
  try {
    ask(view);
  } catch (const std::bad_alloc&) {
    // No facts are better than wrong ones: what was kept so far is not complete any more.
    dropCaptureState();
    view.facts = {};
  }
  if (view.hasConnection()) {
    const bool toServer = view.facts.seen.direction == Direction::ToServer;
    view.src = toServer ? view.connection.client : view.connection.server;
    view.dst = toServer ? view.connection.server : view.connection.client;
    view.service = serviceOf(view.connection);
  }
  const Bytes payload = payloadOf(view.frame, view.packet, view.facts.seen);
  if (!payload.empty()) {
    view.payload = tvb_new_subset_length_caplen(
        tvb, static_cast<gint>(payload.data() - view.frame.bytes.data()),
        static_cast<gint>(payload.size()), static_cast<gint>(view.packet.payloadLengthBytes));
  }
  return &view;
}

const char* messageIn(wmem_allocator_t* pool, const Finding& finding) noexcept {
  try {
    return wmem_strdup(pool, messageOf(finding).c_str());
  } catch (const std::bad_alloc&) {
    return describe(finding.code).sentence.data();
  }
}

const char* endIn(wmem_allocator_t* pool, const Address& end) noexcept {
  return wmem_strdup_printf(pool, "%" G_GUINT64_FORMAT ".%u", raw(end.cid), raw(end.port));
}

}  // namespace vsdump
