// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/selection.h"

#include <algorithm>
#include <utility>

#include "dissector/filter/needs.h"
#include "dissector/names/cid_names.h"
#include "gui/models/frame_window.h"

namespace vsdump::gui {

namespace {

/// What filters ask about a packet beside its record.
class FactsOfTrace {
 public:
  FactsOfTrace(const Trace& trace, const filter::Expression& expression) {
    if (filter::needOf(expression) == filter::Need::Record) return;
    const ServiceNames services;
    ofConnection_.reserve(trace.connections().size());
    for (const ConnectionSummary& connection : trace.connections()) {
      ofConnection_.push_back(factsOf(connection, services));
    }
    const filter::FindingSet wanted = filter::findingsOfPackets(expression);
    for (const Finding& finding : trace.findings()) {
      if ((wanted & filter::setOf(finding.code)) == 0) continue;
      for (std::uint8_t i = 0; i < finding.packetCount; ++i) {
        proofs_.emplace_back(finding.packets[i], filter::setOf(finding.code));
      }
    }
    std::ranges::sort(proofs_);
  }

  filter::Facts of(FrameNumber number, const Observation& seen) const {
    if (raw(seen.connection) >= ofConnection_.size()) return {};
    filter::Facts facts = ofConnection_[raw(seen.connection)];
    for (auto proof = std::ranges::lower_bound(proofs_, std::pair(number, filter::FindingSet{0}));
         proof != proofs_.end() && proof->first == number; ++proof) {
      facts.proven |= proof->second;
    }
    return facts;
  }

 private:
  static filter::Facts factsOf(const ConnectionSummary& connection, const ServiceNames& services) {
    filter::Facts facts{.connection = connection.id,
                        .states = filter::setOf(connection.state),
                        .findings = connection.findings};
    if (connection.isPartial) facts.states |= filter::kPartialState;
    const Service* service =
        services.find(connection.type, connection.server.port, sideOf(connection.server.cid));
    if (service != nullptr) facts.service = service->name;
    // One that was not seen from its beginning may have been to any CID of this machine.
    const bool isKnown = !connection.isPartial || connection.server.cid != kCidLocal;
    if (connection.isLoopback && isKnown) {
      facts.loopbackEnds = {connection.client, connection.server};
    }
    return facts;
  }

  std::vector<filter::Facts> ofConnection_;  ///< by number; empty where nothing is asked
  std::vector<std::pair<FrameNumber, filter::FindingSet>> proofs_;
};

/// Collects packets, and which connections they are of.
class SelectedSoFar {
 public:
  explicit SelectedSoFar(const Trace& trace, const Selected& before = {})
      : packets_(trace.packetCount()), isSeen_(trace.connections().size()) {
    if (before.rows) rows_ = *before.rows;
    for (const std::uint32_t id : before.connections) isSeen_[id] = true;
  }

  void add(Row packet, const Observation& seen) {
    rows_.push_back(packet);
    if (raw(seen.connection) < isSeen_.size()) isSeen_[raw(seen.connection)] = true;
  }
  Selected take() {
    Selected selected{.rows = std::make_shared<const std::vector<Row>>(std::move(rows_)),
                      .connections = {},
                      .packets = packets_};
    for (std::uint32_t id = 0; id < isSeen_.size(); ++id) {
      if (isSeen_[id]) selected.connections.push_back(id);
    }
    return selected;
  }

 private:
  std::size_t packets_;
  std::vector<Row> rows_;
  std::vector<bool> isSeen_;  ///< by ConnectionId
};

/// Whether what a packet is does not change with those that come later.
bool staysAsItIs(const filter::Filter& filter) {
  return filter::needOf(*filter.expression()) <= filter::Need::Loopback;
}

}  // namespace

std::optional<Selected> select(const Trace& trace, const filter::Filter& filter,
                               std::optional<std::uint16_t> source, const std::stop_token& stop,
                               const std::optional<Selected>& before) {
  const Selected start = before && staysAsItIs(filter) ? *before : Selected();
  SelectedSoFar selected(trace, start);
  FrameWindow window(trace);
  const FactsOfTrace facts(trace, *filter.expression());
  for (std::size_t first = start.packets; first < trace.packetCount();
       first += PacketChunk::kRows) {
    if (stop.stop_requested()) return std::nullopt;
    const std::size_t end = std::min(first + PacketChunk::kRows, trace.packetCount());
    for (std::size_t i = first; i < end; ++i) {
      const auto row = static_cast<Row>(i);
      if (source && trace.sourceOf(row) != *source) continue;
      const Observation& observation = trace.observation(row);
      const Frame frame = window.frame(row);
      if (filter.matches(frame, facts.of(frame.number, observation))) {
        selected.add(row, observation);
      }
    }
  }
  return selected.take();
}

std::optional<Selected> narrowed(const Trace& trace, const std::optional<Selected>& selected,
                                 const TimeRange& range, const std::stop_token& stop) {
  SelectedSoFar result(trace);
  const std::size_t all = selected ? selected->rows->size() : trace.packetCount();
  for (std::size_t i = 0; i < all; ++i) {
    if (i % PacketChunk::kRows == 0 && stop.stop_requested()) return std::nullopt;
    const Row row = selected ? (*selected->rows)[i] : static_cast<Row>(i);
    if (range.has(trace.timeNs(row))) result.add(row, trace.observation(row));
  }
  return result.take();
}

std::optional<Rows> rowsOf(const Trace& trace, const std::vector<std::uint32_t>& connections,
                           const Rows& within, const std::stop_token& stop) {
  std::vector<bool> isWanted(trace.connections().size());
  for (const std::uint32_t id : connections) isWanted[id] = true;
  std::vector<Row> rows;
  const std::size_t all = within ? within->size() : trace.packetCount();
  for (std::size_t i = 0; i < all; ++i) {
    if (i % PacketChunk::kRows == 0 && stop.stop_requested()) return std::nullopt;
    const Row row = within ? (*within)[i] : static_cast<Row>(i);
    const std::uint32_t id = raw(trace.observation(row).connection);
    if (id < isWanted.size() && isWanted[id]) rows.push_back(row);
  }
  return std::make_shared<const std::vector<Row>>(std::move(rows));
}

}  // namespace vsdump::gui
