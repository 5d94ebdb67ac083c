// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "capture/error.h"
#include "capture/source.h"
#include "cli/analysis/finding_book.h"
#include "cli/options/options.h"
#include "cli/run/filter_use.h"
#include "cli/run/output.h"
#include "cli/run/signals.h"
#include "dissector/connection/tracker.h"
#include "dissector/filter/selector.h"
#include "dissector/names/service_lookup.h"
#include "dissector/wire/packet.h"

namespace vsdump {

/// What commands show of a connection: there may be millions, so it is much smaller than
/// Connection.
struct ConnectionRow {
  struct Way {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lostBytes = 0;
    std::int64_t firstNs = Flow::kNever;
    std::int64_t lastNs = Flow::kNever;
    std::int64_t largestGapNs = 0;  ///< between two packets this way
    std::uint32_t messages = 0;
  };

  explicit ConnectionRow(const Connection& c);

  Address client;
  Address server;
  std::string_view protocol{};  ///< what its payload was recognised to be, where that was looked at
  std::array<Way, 2> ways{};    ///< by Direction
  std::int64_t startNs;
  std::int64_t endNs;
  std::int64_t lastNs;       ///< of its newest packet
  std::int64_t firstByteNs;  ///< of payload, either way
  std::optional<std::int64_t> handshakeNs;
  std::uint64_t stalledNs = 0;  ///< without credit, in both directions
  ConnectionId id;
  std::uint32_t stalls = 0;
  VirtioType type;
  ConnectionState state;
  Side endedBy;
  bool isPartial;

  std::uint64_t durationNs() const {
    return static_cast<std::uint64_t>(std::max(endNs, lastNs)) -
           static_cast<std::uint64_t>(startNs);
  }
};

/// Of the connections that the filter selects, those that are no longer kept included.
struct SelectedTotals {
  std::uint64_t connections = 0;
  std::uint64_t refused = 0;
  std::uint64_t stalled = 0;  ///< connections with stalls
  std::array<std::uint64_t, 2> bytes{};

  void add(const ConnectionRow& row);
};

/// Reads the files of -r or captures live, follows the connections and keeps what commands show, in
/// bounded memory where the capture has no end.
///
/// **Lifetime** borrows the options.
class Analysis : public ConnectionConsumer {
 public:
  /// Stalls that are kept one by one; all are counted.
  static constexpr std::size_t kMostStalls = 200'000;
  /// What a live capture keeps of closed connections without --keep.
  static constexpr std::uint64_t kKeptRows = 10'000;

  explicit Analysis(const Options& options);

  /// Reads everything.
  Result<void> run();

  void ended(const Connection& connection) override;
  void found(const Finding& finding) override { findings_.add(finding); }
  void stalled(const Stall& stall) override;

 protected:
  /// Called for each packet after it was observed.
  virtual void observed(const Frame&, const Packet&, const Observation&) {}
  /// Called for each connection that the filter selects when it is over. It is kept afterwards.
  virtual void closed(const ConnectionRow&) {}
  /// Called a few times a second in a live capture. `nowNs` is the time up to which all packets
  /// have come.
  virtual Result<void> tick(std::int64_t) { return {}; }
  /// Called when all packets were observed, while the tracker has its connections still.
  virtual void finishing() {}
  /// Whether no more packets are wanted.
  virtual bool isDone() const { return false; }

  bool isLive() const { return options_.readFiles.empty(); }

  /// Whether the filter has selected a packet of a connection that the tracker still has.
  bool isSelected(ConnectionId id) const { return takesAll_ || selected_.contains(raw(id)); }

  /// Whether there is no filter.
  bool takesAll() const { return takesAll_; }
  /// Whether the filter selects the packet of observed().
  bool isMatch() const { return isMatch_; }

  ConnectionRow rowOf(const Connection& connection) const;

  /// Keeps what the payload of a connection was recognised to be. Where it turns into something
  /// else, all names are kept: "nbd, tls".
  void nameProtocol(ConnectionId id, std::string_view name);

  /// What listens at a connection's server: what the user has called it, what its payload is, or
  /// what the port makes probable.
  ServiceName serviceOf(const ConnectionRow& c) const {
    const ServiceName name = services_.of(c.type, c.client.cid, c.server);
    return c.protocol.empty() ? name : name.orRecognised(c.protocol);
  }

  const Options& options_;
  ConnectionTracker tracker_;
  std::deque<ConnectionRow> rows_;  ///< ordered by number after run(), before by their end
  std::uint64_t mostRows_;          ///< the newest rows that are kept
  SelectedTotals totals_;
  FindingBook findings_;
  std::map<ConnectionId, std::vector<Stall>> stalls_;
  /// What the connections that the tracker has were recognised to carry.
  std::unordered_map<std::uint32_t, std::string_view> recognised_;
  bool keepsStalls_ = false;
  std::int64_t firstNs_ = 0;
  std::int64_t lastNs_ = 0;

 private:
  Result<void> runFiles(const GivenFilter& given);
  Result<void> runLive(const GivenFilter& given);
  Result<void> readAll(PacketSource& source, const std::string& name, filter::Selector& selector);
  void observe(const Frame& frame, filter::Selector& selector);
  void finish();
  void forget(ConnectionId id);

  std::set<std::string> joinedNames_;  ///< of nameProtocol(): their addresses last
  ServiceNames names_;
  mutable ServiceLookup services_;
  Signals signals_;
  std::unordered_set<std::uint32_t> selected_;  ///< connections that the tracker has
  std::size_t stallsKept_ = 0;
  bool takesAll_ = true;
  bool isMatch_ = true;
  bool hasPackets_ = false;
};

/// Says that a capture has no connection of this number; the exit code.
int noSuchConnection(ConnectionId id);

/// Where a command writes its text.
Output standardOutput();

}  // namespace vsdump
