// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/connect_retries.h"

#include <utility>

namespace vsdump::payload {

namespace {

/// Firecracker, Cloud Hypervisor and Dragonball: their buffers and the ports that they give out.
/// **Source** firecracker src/vmm/src/devices/virtio/vsock/csm/mod.rs, .../unix/muxer.rs.
bool isOfFirecrackerFamily(const Connection& connection) {
  constexpr std::uint32_t kBuffer = 65536;
  constexpr std::uint32_t kFirstPort = std::uint32_t{1} << 30;
  const std::uint32_t port = raw(connection.client().port);
  return connection.flow(Direction::ToServer).bufAlloc == kBuffer && port >= kFirstPort &&
         port < 2 * kFirstPort;
}

}  // namespace

void ConnectRetries::take(const Frame& frame, const Packet& packet, const Observation& seen,
                          const Connection& connection) {
  const bool isRefused = seen.endsConnection && connection.state == ConnectionState::Refused;
  const bool isAccepted = packet.virtio.op == VirtioOp::Response && !connection.isPartial &&
                          seen.direction == Direction::ToClient && !series_.empty();
  if (!isRefused && !isAccepted) return;
  const Address client = connection.client();
  const Address server = connection.serverAddress();
  const Key key{frame.interfaceIndex, client.cid, server.cid, server.port};
  auto found = series_.find(key);
  if (found == series_.end()) {
    if (!isRefused || series_.size() >= kMostSeries) return;
    found = series_.emplace(key, Series{}).first;
    found->second.message.timeNs = connection.startNs;
    found->second.message.packet = connection.firstPacket;
    found->second.message.isLongPoll = true;  // it lasts as long as the other side takes to start
    found->second.message.protocol = kConnectProtocol;
    found->second.message.call = "connect";
  }
  Series& series = found->second;
  series.message.connection = connection.id;
  if (consumer_.chooses(connection.id)) series.message.isChosen = true;
  series.message.client = client;
  series.message.server = server;
  if (isOfFirecrackerFamily(connection)) {
    series.message.details.number("firecracker_family", 1);
  }
  if (isRefused) {
    ++series.refusals;
    return;
  }
  series.message.replyTimeNs = frame.timestampNs;
  series.message.replyPacket = frame.number;
  Series over = std::move(series);
  series_.erase(found);
  tell(std::move(over), Outcome::Ok);
}

void ConnectRetries::finish() {
  for (auto& [key, series] : std::exchange(series_, {})) tell(std::move(series), Outcome::Error);
}

void ConnectRetries::tell(Series series, Outcome outcome) {
  if (series.refusals < kFewest) return;
  series.message.reply.number("refused", series.refusals);
  series.message.outcome = outcome;
  if (outcome == Outcome::Error) series.message.error = "refused each time";
  consumer_.done(series.message);
}

}  // namespace vsdump::payload
