// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "dissector/connection/connection.h"
#include "dissector/connection/key_table.h"
#include "dissector/connection/known_flows.h"

namespace vsdump {

/// Takes what the tracker has to tell while it observes.
class ConnectionConsumer {
 public:
  virtual ~ConnectionConsumer() = default;
  /// A connection of which nothing more is kept. **Lifetime** for the call.
  virtual void ended(const Connection&) {}
  virtual void found(const Finding&) {}
  virtual void stalled(const Stall&) {}
};

struct TrackerLimits {
  std::uint32_t live = 1'000'000;    ///< connections that are open at once
  std::uint32_t lingering = 16'384;  ///< closed ones that are kept for late packets
};

/// What was seen in all; never forgotten.
struct TrackerTotals {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  ///< of payload, without duplicates
  std::uint64_t connections = 0;
  std::uint64_t opened = 0;
  std::uint64_t refused = 0;
  std::uint64_t over = 0;  ///< however they ended
  std::uint64_t stalls = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t untracked = 0;  ///< records without a whole virtio header
  std::uint64_t evicted = 0;
};

/// Follows the connections of a capture. Cost per packet is a look-up; nothing is allocated for a
/// packet of a known connection.
///
/// **Threads** one at a time.
class ConnectionTracker {
 public:
  /// **Lifetime** borrows the consumer.
  explicit ConnectionTracker(ConnectionConsumer& consumer, TrackerLimits limits = {},
                             KeyHash hash = {});
  ~ConnectionTracker();
  ConnectionTracker(const ConnectionTracker&) = delete;
  ConnectionTracker& operator=(const ConnectionTracker&) = delete;

  /// Takes the next packet; `packet` is dissect(frame).
  Observation observe(const Frame& frame, const Packet& packet);

  /// Says that this packet comes a few packets later, so that its connection is in the cache by
  /// then. Changes nothing. (Always inlined: of a call that changes nothing nothing remains.)
  [[gnu::always_inline]] void expect(const Packet& packet) const {
    const KnownFlows::Flow* const known = known_.at(packet.virtio);
    if (known == nullptr) return;
    const Connection& c = chunks_[known->index / kChunk][known->index % kChunk];
    const Flow& sender = c.flow(known->direction);
    __builtin_prefetch(&c.id);
    __builtin_prefetch(&sender.packets);
    __builtin_prefetch(&sender.dataPackets);
    __builtin_prefetch(&c.flow(opposite(known->direction)).bufAlloc);
  }

  /// The frames from here on are of another file. It goes on where the file before has ended, as
  /// rotated files do; one that begins before that is a capture of its own, say of the other
  /// machine, and its interfaces are sources of their own.
  void beginFile() { isNewFile_ = true; }

  /// Time has passed without a packet: raises what a time limit shows. Live captures call it.
  void advanceTo(std::int64_t timeNs);

  /// The capture is over: hands all connections to the consumer, in no particular order.
  void finish();

  /// Calls `visit` with each connection that was not handed to the consumer yet, in no order.
  template <typename Visit>
  void forEach(Visit&& visit) const {
    for (const auto& chunk : chunks_) {
      for (std::uint32_t i = 0; i < kChunk; ++i) {
        if (chunk[i].id != kNoConnection) visit(chunk[i]);
      }
    }
  }

  const TrackerTotals& totals() const { return totals_; }

  /// A live or lingering connection of the packet just observed; nullptr without one.
  const Connection* current() const { return current_; }

 private:
  struct Source;
  struct Server;
  struct Timer {
    std::uint32_t index;
    ConnectionId id;
    std::int64_t dueNs;
  };

  Connection& at(std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }
  Source& sourceOf(std::uint32_t index) {
    if (index < sources_.size() && sources_[index]) return *sources_[index];
    return addSource(index);
  }
  Source& addSource(std::uint32_t index);
  void takeFile(std::int64_t firstNs);
  std::int64_t clampTime(Source& source, const Frame& frame);

  /// Follows a packet about which nothing needs a thought, and says whether it is one. All others
  /// take the long way, which would say the same of these.
  bool takeUsual(const Frame& frame, const Packet& packet, std::uint32_t from, std::int64_t now,
                 Observation& seen);
  std::uint32_t take(Source& source, const Frame& frame, const Packet& packet, std::uint32_t from,
                     std::int64_t now, Observation& seen);

  std::uint32_t begin(const KeyedEnd& end, std::uint32_t hash, const Frame& frame,
                      const VirtioHeader& header, std::int64_t now);
  void retire(std::uint32_t index);
  void evict(Source& source);
  void linger(std::uint32_t index, Source& source);
  bool isDuplicate(Source& source, const Connection& c, Direction d, VirtioOp op, std::int64_t now,
                   std::uint32_t signature);
  void takeDuplicate(Source& source, Connection& c, Direction d, std::int64_t now,
                     Observation& seen);

  void raiseAnomalies(Connection& c, const Packet& packet, std::int64_t now);
  void raiseOfRecord(const Frame& frame, const Packet& packet);
  void count(Connection& c, Direction d, const Frame& frame, const Packet& packet,
             std::int64_t now);
  void takePayload(Connection& c, Direction d, const Frame& frame, const Packet& packet,
                   std::int64_t now, Observation& seen);
  void checkAfterShutdown(Connection& c, Direction d, std::uint32_t length, std::int64_t now);
  void takeCredit(Connection& c, Direction d, const VirtioHeader& header, std::int64_t now,
                  std::int64_t silentNs);
  /// What counters have said of the payload that goes `d` is true or not, now that more is known.
  void settleDoubt(Connection& c, Direction d, std::int64_t now, bool isFinal) {
    if (c.flow(d).doubt != Flow::Doubt::None) settle(c, d, now, isFinal);
  }
  void settle(Connection& c, Direction d, std::int64_t now, bool isFinal);
  void beginWait(Connection& c, Direction d, std::int64_t now);
  void endWait(Connection& c, Direction d, std::int64_t now, EndedBy by, bool goesOn);
  void checkShares(Connection& c, Direction d);
  void takeOp(Connection& c, Direction d, const VirtioHeader& header, std::int64_t now);
  void expectCredit(const Connection& c, std::int64_t now);
  void onResponse(Connection& c, Direction d, std::int64_t now);
  void refused(Connection& c, std::int64_t now);
  void resetWhileOpen(Connection& c, Direction d, bool hasSocket, std::int64_t now);
  void atTheEnd(Connection& c, EndedBy by, std::int64_t now);
  void onShutdown(Connection& c, Direction d, std::uint32_t flags, std::int64_t now);
  void onReset(Connection& c, Direction d, const VirtioHeader& header, std::int64_t now);
  void over(Connection& c, ConnectionState state, Side by, std::int64_t now);
  void expire(Source& source, std::int64_t now);
  void checkIdle(Connection& c, std::int64_t now);
  bool isAnsweredAlready(Connection& c, Direction d, std::int64_t now);
  bool giveWay(Connection& c, Direction d, std::int64_t now);
  void opened(Connection& c, std::int64_t now);
  void findServer(Connection& c);
  void unanswered(Connection& c, std::int64_t now);

  /// A finding about a connection, once or each time; its packets are the given ones that are set.
  void raise(Connection& c, FindingCode code, std::int64_t now,
             std::initializer_list<FrameNumber> packets, Finding details = {});
  void raiseOnce(Connection& c, FindingCode code, std::int64_t now,
                 std::initializer_list<FrameNumber> packets, Finding details = {}) {
    if (!c.has(code)) raise(c, code, now, packets, details);
  }

  static constexpr std::uint32_t kChunk = 256;

  ConnectionConsumer& consumer_;
  TrackerLimits limits_;
  KeyHash hash_;
  KeyTable table_;
  KnownFlows known_;
  std::vector<std::unique_ptr<Connection[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::deque<Server> servers_;
  KeyTable serverTable_;
  TrackerTotals totals_;
  std::uint32_t nextId_ = 0;
  std::uint32_t firstSource_ = 0;  ///< of the interfaces of the capture being read
  std::uint32_t findings_ = 0;
  std::uint64_t recordFindings_ =
      0;                    ///< a bit for each FindingCode that records without a connection had
  std::uint32_t live_ = 0;  ///< connections that are not over
  bool isNewFile_ = false;
  FrameNumber frame_{};  ///< the packet being observed
  const Connection* current_ = nullptr;
};

}  // namespace vsdump
