// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/connection_summary.h"

#include "dissector/names/cid_names.h"

namespace vsdump::gui {

void ConnectionSummary::update(const Connection& connection) {
  id = connection.id;
  client = connection.client();
  server = connection.serverAddress();
  type = connection.type();
  state = connection.state;
  endedBy = connection.endedBy;
  isPartial = connection.isPartial;
  isLoopback = connection.key.lowCid == raw(kCidLocal) && connection.key.highCid == raw(kCidLocal);
  startNs = connection.startNs;
  endNs = connection.lastNs();
  handshakeNs = connection.handshakeNs();
  findings = connection.findings;
  stalls = 0;
  stalledNs = 0;
  for (std::size_t d = 0; d < ways.size(); ++d) {
    const Flow& flow = connection.flows[d];
    ways[d] = {.packets = flow.packets, .bytes = flow.bytes};
    stalls += flow.stalls;
    stalledNs += flow.stalledNs;
  }
}

}  // namespace vsdump::gui
