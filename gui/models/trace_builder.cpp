// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace_builder.h"

#include <algorithm>
#include <utility>

namespace vsdump::gui {

TraceBuilder::TraceBuilder(std::shared_ptr<FrameStore> spool)
    : spool_(std::move(spool)), tracker_(*this) {}

Result<void> TraceBuilder::take(const Batch& batch) {
  for (const Frame& frame : batch.frames) {
    if (!spool_) {
      add(frame, batch.offsetOf(frame));
      continue;
    }
    const Result<std::uint64_t> offset = spool_->append(frame.bytes);
    if (!offset) return tl::unexpected(offset.error());
    add(frame, *offset);
  }
  return {};
}

void TraceBuilder::add(const Frame& frame, std::uint64_t offset) {
  const std::size_t at = packets_ % PacketChunk::kRows;
  if (at == 0) {
    chunk_ = std::make_shared_for_overwrite<PacketChunk>();
    newChunks_.push_back(chunk_);
  }
  const Packet packet = dissect(frame);
  PacketChunk& columns = *chunk_;
  columns.observation[at] = tracker_.observe(frame, packet);
  columns.timeNs[at] = frame.timestampNs;
  columns.offset[at] = offset;
  columns.capturedLength[at] = static_cast<std::uint32_t>(frame.bytes.size());
  columns.wireLength[at] = frame.wireLengthBytes;
  columns.number[at] = static_cast<std::uint32_t>(raw(frame.number));
  columns.payloadLength[at] = packet.payloadLengthBytes;
  columns.op[at] = packet.decoded == Decoded::Virtio ? static_cast<std::uint16_t>(packet.virtio.op)
                                                     : PacketChunk::kNoOp;
  if (tracker_.current() != nullptr) note(*tracker_.current());
  ++packets_;
}

void TraceBuilder::note(const Connection& connection) {
  const std::uint32_t id = raw(connection.id);
  if (id >= connections_.size()) {
    const ServiceName service =
        services_.of(connection.type(), connection.client().cid, connection.serverAddress());
    connections_.push_back({.summary = ConnectionSummary(connection, service)});
  } else {
    connections_[id].summary.update(connection);
  }
  if (!std::exchange(connections_[id].isChanged, true)) changed_.push_back(id);
}

Result<TraceUpdate> TraceBuilder::takeUpdate() {
  if (spool_) {
    if (Result<void> flushed = spool_->flush(); !flushed) return tl::unexpected(flushed.error());
  }
  TraceUpdate update;
  update.packets = packets_;
  update.newChunks = std::exchange(newChunks_, {});
  update.findings = std::exchange(findings_, {});
  update.stalls = std::exchange(stalls_, {});
  std::ranges::sort(changed_);
  update.connections.reserve(changed_.size());
  for (const std::uint32_t id : changed_) {
    update.connections.push_back(connections_[id].summary);
    connections_[id].isChanged = false;
  }
  changed_.clear();
  return update;
}

}  // namespace vsdump::gui
