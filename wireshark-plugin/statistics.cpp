// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/statistics.h"

#include <algorithm>

#include "dissector/names/protocol_names.h"
#include "wireshark-plugin/capture_state.h"
#include "wireshark-plugin/message_tree.h"
#include "wireshark-plugin/percentiles.h"
#include "wireshark-plugin/view.h"

namespace vsdump {

namespace {

constexpr const char* kOperations = "Operations";
constexpr const char* kServices = "Services (packets)";
constexpr const char* kConnections = "Ends of connections";
constexpr const char* kFindings = "Findings";
constexpr const char* kHandshakes = "Handshakes (microseconds)";
constexpr const char* kPayloads = "Payload bytes a packet";

constexpr const char* kResponses = "Response times (microseconds)";

/// What half of the values, and nearly all of them, do not exceed.
struct Share {
  const char* name;
  unsigned percent;
};
constexpr Share kShares[] = {{"50 %", 50}, {"90 %", 90}, {"99 %", 99}};

Percentiles handshakeTimes;
Percentiles responseTimes;
int handshakes = 0;
int responses = 0;
int operations = 0;
int services = 0;
int connections = 0;
int findings = 0;

void begin(stats_tree* tree) {
  handshakeTimes = {};
  responseTimes = {};
  operations = stats_tree_create_pivot(tree, kOperations, 0);
  services = stats_tree_create_pivot(tree, kServices, 0);
  connections = stats_tree_create_pivot(tree, kConnections, 0);
  findings = stats_tree_create_pivot(tree, kFindings, 0);
  handshakes = stats_tree_create_range_node(tree, kHandshakes, 0, "0-99", "100-999", "1000-9999",
                                            "10000-99999", "100000-999999", "1000000-", nullptr);
  stats_tree_create_range_node(tree, kPayloads, 0, "1-43", "44-1023", "1024-4095", "4096-16383",
                               "16384-65535", "65536-", nullptr);
  responses = stats_tree_create_node(tree, kResponses, 0, STAT_DT_INT, TRUE);
}

int asInt(std::int64_t value) {
  return static_cast<int>(std::clamp<std::int64_t>(value, 0, G_MAXINT));
}

/// A parent without a table of its children's names finds only those that may have some themselves.
void addTime(stats_tree* tree, Percentiles& times, int parent, std::int64_t nanoseconds) {
  times.add(static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0)) / 1000);
  for (const Share& share : kShares) {
    set_stat_node(tree, share.name, parent, parent == handshakes ? TRUE : FALSE,
                  asInt(static_cast<std::int64_t>(times.notAbove(share.percent))));
  }
}

/// How long replies took that this packet completes, by call.
void countReplies(stats_tree* tree, const packet_info* pinfo, const View& view) {
  const CaptureState* state = captureState();
  if (state == nullptr) return;
  for (const MessagePart& part : view.messages) {
    const payload::Message& message = state->messages().message(part.message);
    const auto latency = message.latencyNs();
    if (!part.isReply || !latency || message.isLongPoll) continue;
    tick_stat_node(tree, kResponses, 0, FALSE);
    addTime(tree, responseTimes, responses, static_cast<std::int64_t>(*latency));
    const char* call = callIn(pinfo->pool, message);
    avg_stat_node_add_value_int(tree, call, responses, FALSE,
                                asInt(static_cast<std::int64_t>(*latency / 1000)));
  }
}

void countConnection(stats_tree* tree, const View& view) {
  const ConnectionFacts& c = view.connection;
  const auto frame = static_cast<std::uint32_t>(raw(view.frame.number));
  if (view.facts.seen.endsConnection) {
    stats_tree_tick_pivot(tree, connections, stateWord(view.facts.state).data());
  }
  if (frame == c.openFrame) {
    tick_stat_node(tree, kHandshakes, 0, FALSE);
    stats_tree_tick_range(tree, kHandshakes, 0, asInt(c.handshakeNs / 1000));
    addTime(tree, handshakeTimes, handshakes, c.handshakeNs);
  }
}

tap_packet_status count(stats_tree* tree, packet_info* pinfo, epan_dissect_t*, const void* data,
                        tap_flags_t) {
  const View& view = *static_cast<const View*>(data);
  if (view.isVirtio()) {
    const FieldName* name = findName(view.packet.virtio.op);
    stats_tree_tick_pivot(tree, operations, name != nullptr ? name->name.data() : "unknown");
  }
  if (view.hasConnection()) {
    stats_tree_tick_pivot(tree, services, view.service != nullptr ? view.service : "other");
    countConnection(tree, view);
    countReplies(tree, pinfo, view);
  }
  if (view.carriesStream() && view.packet.payloadLengthBytes != 0) {
    const std::uint32_t length = view.packet.payloadLengthBytes;
    tick_stat_node(tree, kPayloads, 0, FALSE);
    stats_tree_tick_range(tree, kPayloads, 0, asInt(length));
  }
  for (const AnomalyRow& row : anomalyCatalogue()) {
    if (view.packet.anomalies.has(row.anomaly)) {
      stats_tree_tick_pivot(tree, findings, row.code.data());
    }
  }
  for (const std::uint32_t number : view.findings) {
    stats_tree_tick_pivot(tree, findings,
                          describe(captureState()->finding(number).code).code.data());
  }
  return TAP_PACKET_REDRAW;
}

}  // namespace

void registerStatistics() {
  stats_tree_register_plugin("vsockmon", "vsockmon", "vsock", 0, count, begin, nullptr);
}

}  // namespace vsdump
