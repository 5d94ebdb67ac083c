// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/statistics.h"

#include "dissector/names/protocol_names.h"
#include "wireshark-plugin/view.h"

namespace vsdump {

namespace {

constexpr const char* kOperations = "Operations";
constexpr const char* kServices = "Services (packets)";
constexpr const char* kConnections = "Ends of connections";
constexpr const char* kFindings = "Findings";
constexpr const char* kHandshakes = "Handshakes (microseconds)";
constexpr const char* kPayloads = "Payload bytes a packet";

int operations = 0;
int services = 0;
int connections = 0;
int findings = 0;

void begin(stats_tree* tree) {
  operations = stats_tree_create_pivot(tree, kOperations, 0);
  services = stats_tree_create_pivot(tree, kServices, 0);
  connections = stats_tree_create_pivot(tree, kConnections, 0);
  findings = stats_tree_create_pivot(tree, kFindings, 0);
  stats_tree_create_range_node(tree, kHandshakes, 0, "0-99", "100-999", "1000-9999", "10000-99999",
                               "100000-999999", "1000000-", nullptr);
  stats_tree_create_range_node(tree, kPayloads, 0, "1-43", "44-1023", "1024-4095", "4096-16383",
                               "16384-65535", "65536-", nullptr);
}

void countConnection(stats_tree* tree, const View& view) {
  const ConnectionFacts& c = view.connection;
  const auto frame = static_cast<std::uint32_t>(raw(view.frame.number));
  if (view.facts.seen.endsConnection) {
    stats_tree_tick_pivot(tree, connections, stateWord(view.facts.state).data());
  }
  if (frame == c.openFrame) {
    const std::int64_t microseconds = c.handshakeNs / 1000;
    tick_stat_node(tree, kHandshakes, 0, FALSE);
    stats_tree_tick_range(tree, kHandshakes, 0,
                          static_cast<int>(microseconds < G_MAXINT ? microseconds : G_MAXINT));
  }
}

tap_packet_status count(stats_tree* tree, packet_info*, epan_dissect_t*, const void* data,
                        tap_flags_t) {
  const View& view = *static_cast<const View*>(data);
  if (view.isVirtio()) {
    const FieldName* name = findName(view.packet.virtio.op);
    stats_tree_tick_pivot(tree, operations, name != nullptr ? name->name.data() : "unknown");
  }
  if (view.hasConnection()) {
    stats_tree_tick_pivot(tree, services, view.service != nullptr ? view.service : "other");
    countConnection(tree, view);
  }
  if (view.carriesStream() && view.packet.payloadLengthBytes != 0) {
    const std::uint32_t length = view.packet.payloadLengthBytes;
    tick_stat_node(tree, kPayloads, 0, FALSE);
    stats_tree_tick_range(tree, kPayloads, 0,
                          static_cast<int>(length < G_MAXINT ? length : G_MAXINT));
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
