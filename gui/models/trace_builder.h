// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
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
  /// With a spool, the packets' bytes are copied to it; without, Batch::offset tells where they
  /// are.
  explicit TraceBuilder(std::shared_ptr<FrameStore> spool);

  /// **Errors** Io when the spool's disk is full: what was taken before stays.
  Result<void> take(const Batch& batch);

  /// No packets follow: connections get their last state.
  void finish() { tracker_.finish(); }

  /// What is new since the last call.
  /// **Errors** Io as for take().
  Result<TraceUpdate> takeUpdate();

 private:
  void ended(const Connection& connection) override { note(connection); }
  void found(const Finding& finding) override { findings_.push_back(finding); }
  void stalled(const Stall& stall) override { stalls_.push_back(stall); }

  void add(const Frame& frame, std::uint64_t offset);
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
};

}  // namespace vsdump::gui
