// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vsdump::gui {

// Not in the class: there, std::make_shared would have the columns zeroed first.
PacketChunk::PacketChunk() = default;

void PacketChunk::put(std::size_t at, const Frame& frame, std::uint64_t recordOffset) {
  const auto frameNumber = static_cast<std::uint32_t>(raw(frame.number));
  const auto frameSource = static_cast<std::uint16_t>(frame.interfaceIndex);
  if (at == 0) {
    firstNumber_ = frameNumber;
    firstSource_ = frameSource;
  }
  timeNs[at] = frame.timestampNs;
  offset[at] = recordOffset;
  capturedLength[at] = static_cast<std::uint32_t>(frame.bytes.size());
  wireLengths_.put(at, frame.wireLengthBytes, [this](std::size_t i) { return capturedLength[i]; });
  numbers_.put(at, frameNumber, [this](std::size_t i) { return usualNumber(i); });
  sources_.put(at, frameSource, [this](std::size_t) { return firstSource_; });
}

Trace Trace::opened() {
  Trace trace;
  trace.isOpen_ = true;
  return trace;
}

void Trace::apply(TraceUpdate&& update) {
  chunks_.insert(chunks_.end(), update.newChunks.begin(), update.newChunks.end());
  packets_ = update.packets;
  // Numbers grow by one, so that a new one is the next.
  connections_.put(std::move(update.connections),
                   [](const ConnectionSummary& connection) { return raw(connection.id); });
  findings_.append(std::move(update.findings));
  stalls_.append(std::move(update.stalls));
  comments_.append(std::move(update.comments));
  std::ranges::move(update.remarks, std::back_inserter(remarks_));
  sources_ = std::move(update.sources);
}

std::size_t Trace::rowOf(FrameNumber number) const {
  std::size_t low = 0;
  std::size_t high = packets_;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (this->number(static_cast<Row>(middle)) < raw(number)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const bool isThere = low < packets_ && this->number(static_cast<Row>(low)) == raw(number);
  return isThere ? low : packets_;
}

std::optional<Row> Trace::nextInConnection(Row row, const std::stop_token& stop) const {
  const ConnectionId id = observation(row).connection;
  for (std::size_t at = std::size_t{row} + 1; at < packets_; ++at) {
    if (observation(static_cast<Row>(at)).connection == id) return static_cast<Row>(at);
    if (at % PacketChunk::kRows == 0 && stop.stop_requested()) break;
  }
  return std::nullopt;
}

std::optional<Row> Trace::previousInConnection(Row row, const std::stop_token& stop) const {
  const ConnectionId id = observation(row).connection;
  for (Row at = row; at-- > 0;) {
    if (observation(at).connection == id) return at;
    if (at % PacketChunk::kRows == 0 && stop.stop_requested()) break;
  }
  return std::nullopt;
}

std::vector<Finding> Trace::findingsOf(Row row) const {
  const Observation& seen = observation(row);
  // A finding of the newest packets may still be on its way.
  if (seen.firstFinding + std::size_t{seen.findings} > findings_.size()) return {};
  std::vector<Finding> findings;
  for (std::uint8_t i = 0; i < seen.findings; ++i) {
    findings.push_back(findings_[seen.firstFinding + std::size_t{i}]);
  }
  return findings;
}

Frame Trace::frameOf(Row row) const {
  const PacketChunk& columns = chunk(row);
  const std::size_t at = row % PacketChunk::kRows;
  return {.timestampNs = columns.timeNs[at],
          .number = FrameNumber{columns.number(at)},
          .wireLengthBytes = columns.wireLength(at),
          .interfaceIndex = columns.source(at)};
}

PacketBytes Trace::read(Row row) const {
  const PacketChunk& columns = chunk(row);
  const std::size_t at = row % PacketChunk::kRows;
  PacketBytes result;
  result.bytes.resize(columns.capturedLength[at]);
  result.bytes.resize(storeOf(row).read(columns.offset[at], result.bytes));
  result.frame = frameOf(row);
  result.frame.bytes = result.bytes;
  result.packet = dissect(result.frame);
  return result;
}

}  // namespace vsdump::gui
