// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capture/source.h"
#include "dissector/connection/tracker.h"
#include "dissector/names/service_lookup.h"
#include "gui/models/trace.h"

namespace vsdump::gui {

/// Turns batches of packets into updates of a Trace: dissects, follows connections, fills columns.
///
/// **Threads** one at a time; what takeUpdate() hands out may go to another thread.
class TraceBuilder : private ConnectionConsumer {
 public:
  /// With a spool, the packets' bytes are copied to it; without, it is told where they are.
  explicit TraceBuilder(std::shared_ptr<FrameStore> spool);

  /// Where packets come from, all of it: Frame::interfaceIndex is one of these when the next update
  /// is taken. What has a spool begins with that as its source.
  void describe(std::vector<TraceSource> sources) { sources_ = std::move(sources); }

  /// Takes packets with the comments that they have.
  /// **Errors** Io when the spool's disk is full: what was taken before stays.
  Result<void> take(const Batch& batch, std::vector<Comment>&& comments = {});

  /// Takes one packet, whose bytes are at `offset` in the store of its source.
  void take(const Frame& frame, std::uint64_t offset);

  /// Copies one packet to the spool and takes it. **Errors** as above.
  Result<void> spool(const Frame& frame);

  /// A comment on the packet that was taken last.
  void comment(std::string text);
  /// A comment on the capture as a whole.
  void remark(std::string text) { remarks_.push_back(std::move(text)); }

  /// Time has passed without a packet.
  void advanceTo(std::int64_t timeNs) { tracker_.advanceTo(timeNs); }

  std::size_t packetCount() const { return packets_; }
  /// The number of the next packet where packets of several files are counted anew.
  FrameNumber nextNumber() const { return FrameNumber{packets_ + 1}; }

  /// No packets follow: connections get their last state.
  void finish() { tracker_.finish(); }

  /// What is new since the last call.
  /// **Errors** Io as for take().
  Result<TraceUpdate> takeUpdate();

 private:
  void ended(const Connection& connection) override { note(connection); }
  void found(const Finding& finding) override;
  void stalled(const Stall& stall) override { stalls_.push_back(stall); }

  void note(const Connection& connection);

  /// The newest state of a connection, and whether the next update has to tell it.
  struct Noted {
    ConnectionSummary summary;
    bool isChanged = false;
  };

  std::shared_ptr<FrameStore> spool_;
  ConnectionTracker tracker_;
  ServiceNames names_;
  ServiceLookup services_{names_};
  std::shared_ptr<PacketChunk> chunk_;
  std::vector<std::shared_ptr<const PacketChunk>> newChunks_;
  std::size_t packets_ = 0;
  std::vector<Noted> connections_;  ///< by number
  std::vector<std::uint32_t> changed_;
  std::vector<Finding> findings_;
  std::vector<Stall> stalls_;
  std::vector<PacketComment> comments_;
  std::vector<TraceSource> sources_;
  std::vector<std::string> remarks_;
};

}  // namespace vsdump::gui
