// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace_builder.h"

#include <algorithm>
#include <utility>

namespace vsdump::gui {

TraceBuilder::TraceBuilder(std::shared_ptr<FrameStore> spool)
    : spool_(std::move(spool)), tracker_(*this) {
  if (spool_) describe({{.store = spool_}});
}

Result<void> TraceBuilder::take(const Batch& batch, std::vector<Comment>&& comments) {
  for (Comment& comment : comments) {
    if (!comment.frame) remark(std::move(comment.text));
  }
  auto next = comments.begin();
  for (const Frame& frame : batch.frames) {
    if (!spool_) {
      take(frame, batch.offsetOf(frame));
    } else if (Result<void> kept = spool(frame); !kept) {
      return kept;
    }
    for (; next != comments.end() && next->frame <= frame.number; ++next) {
      if (next->frame == frame.number) comment(std::move(next->text));
    }
  }
  return {};
}

Result<void> TraceBuilder::spool(const Frame& frame) {
  const Result<std::uint64_t> offset = spool_->append(frame.bytes);
  if (!offset) return tl::unexpected(offset.error());
  take(frame, *offset);
  return {};
}

void TraceBuilder::comment(std::string text) {
  comments_.push_back({.row = static_cast<Row>(packets_ - 1), .text = std::move(text)});
}

void TraceBuilder::take(const Frame& frame, std::uint64_t offset) {
  const std::size_t at = packets_ % PacketChunk::kRows;
  if (at == 0) {
    chunk_ = std::make_shared_for_overwrite<PacketChunk>();
    newChunks_.push_back(chunk_);
  }
  const Packet packet = dissect(frame);
  PacketChunk& columns = *chunk_;
  columns.observation[at] = tracker_.observe(frame, packet);
  columns.put(at, frame, offset);
  columns.payloadLength[at] = packet.payloadLengthBytes;
  columns.op[at] = packet.decoded == Decoded::Virtio ? static_cast<std::uint16_t>(packet.virtio.op)
                                                     : PacketChunk::kNoOp;
  if (tracker_.current() != nullptr) note(*tracker_.current());
  ++packets_;
}

void TraceBuilder::found(const Finding& finding) {
  findings_.push_back(finding);
  // One that time has shown, rather than a packet, comes without its connection.
  const std::uint32_t id = raw(finding.connection);
  if (id >= connections_.size()) return;
  connections_[id].summary.findings |= std::uint64_t{1} << static_cast<unsigned>(finding.code);
  if (!std::exchange(connections_[id].isChanged, true)) changed_.push_back(id);
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
  update.comments = std::exchange(comments_, {});
  update.remarks = std::exchange(remarks_, {});
  update.sources = sources_;
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
