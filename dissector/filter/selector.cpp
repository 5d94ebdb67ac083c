// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/selector.h"

#include <algorithm>
#include <utility>

#include "dissector/names/cid_names.h"
#include "dissector/wire/packet.h"

namespace vsdump::filter {

namespace {

/// A cheap look at the CIDs of the vsockmon header: most captures have no loopback.
bool mayBeLoopback(const Frame& frame) {
  constexpr auto kLocal = static_cast<std::byte>(raw(kCidLocal));
  constexpr std::size_t kSource = rowOf(Field::SrcCid).offset;
  constexpr std::size_t kDestination = rowOf(Field::DstCid).offset;
  return frame.bytes.size() > kDestination &&
         (frame.bytes[kSource] == kLocal || frame.bytes[kDestination] == kLocal);
}

}  // namespace

Selector::Selector(Filter filter, std::shared_ptr<const ServiceNames> services,
                   std::shared_ptr<const CaptureFacts> whole)
    : filter_(std::move(filter)),
      need_(needOf(*filter_.expression())),
      services_(services ? std::move(services) : std::make_shared<const ServiceNames>()),
      whole_(std::move(whole)),
      tracker_(*this) {}

Selector::~Selector() = default;

bool Selector::matchesWithFacts(const Frame& frame) {
  if (need_ == Need::Loopback && !mayBeLoopback(frame)) return filter_.matches(frame);
  const Packet packet = dissect(frame);
  if (need_ == Need::Loopback &&
      (packet.decoded != Decoded::Virtio || !isLoopback(packet.virtio))) {
    return filter_.matches(frame);
  }
  Frame numbered = frame;
  numbered.number = FrameNumber{++places_};
  provenHere_ = 0;
  tracker_.observe(numbered, packet);
  const Connection* connection = tracker_.current();
  if (connection == nullptr) return filter_.matches(frame);
  return filter_.matches(frame, factsOf(*connection, numbered.number));
}

Facts Selector::factsOf(const Connection& connection, FrameNumber place) const {
  Facts facts{.connection = connection.id,
              .states = statesOf(connection),
              .findings = connection.findings,
              .proven = provenHere_};
  if (whole_) {
    facts.proven = 0;
    whole_->addTo(facts, place);
  }
  if (need_ >= Need::Connection) {
    const Service* service =
        services_->find(connection.type(), connection.serverPort, sideOf(connection.serverCid));
    if (service != nullptr) facts.service = service->name;
  }
  // A connection that was not seen from its beginning may have been to any CID of this machine.
  const bool isLocal =
      connection.key.lowCid == raw(kCidLocal) && connection.key.highCid == raw(kCidLocal);
  if (isLocal && (!connection.isPartial || connection.serverCid != kCidLocal)) {
    facts.loopbackEnds = {connection.client(), connection.serverAddress()};
  }
  return facts;
}

void Selector::found(const Finding& finding) {
  const auto packets = std::span(finding.packets).first(finding.packetCount);
  if (std::ranges::find(packets, FrameNumber{places_}) != packets.end()) {
    provenHere_ |= setOf(finding.code);
  }
}

}  // namespace vsdump::filter
