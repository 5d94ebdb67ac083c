// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "capture/error.h"
#include "cli/options/options.h"
#include "cli/run/output.h"
#include "dissector/connection/tracker.h"
#include "dissector/names/service_lookup.h"
#include "dissector/wire/packet.h"

namespace vsdump {

/// One finding, or those of one kind about one connection: a thousand stalls are one line.
struct FindingGroup {
  Finding first{};  ///< the one that lasted longest, among stalls
  std::uint64_t count = 0;
  std::uint64_t totalNs = 0;           ///< of stalls
  std::vector<FrameNumber> packets{};  ///< at most kMostPackets
  static constexpr std::size_t kMostPackets = 12;
};

/// What commands show of a connection: there may be millions, so it is much smaller than
/// Connection.
struct ConnectionRow {
  struct Way {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lostBytes = 0;
    std::uint32_t messages = 0;
  };

  explicit ConnectionRow(const Connection& c);

  Address client;
  Address server;
  std::array<Way, 2> ways{};  ///< by Direction
  std::int64_t startNs;
  std::int64_t endNs;
  std::optional<std::int64_t> handshakeNs;
  ConnectionId id;
  VirtioType type;
  ConnectionState state;
  Side endedBy;
  bool isPartial;
};

/// Reads the files of -r, follows their connections and keeps what commands show.
///
/// **Lifetime** borrows the options.
class Analysis : public ConnectionConsumer {
 public:
  /// Stalls of one connection that are kept one by one; all are counted.
  static constexpr std::size_t kMostStalls = 10'000;

  explicit Analysis(const Options& options);

  /// Reads everything. The exit code: kExitError where an input is damaged.
  Result<int> run();

  void ended(const Connection& connection) override;
  void found(const Finding& finding) override;
  void stalled(const Stall& stall) override;

 protected:
  /// Called for each packet after it was observed.
  virtual void observed(const Frame&, const Packet&, const Observation&) {}
  /// Whether no more packets are wanted.
  virtual bool isDone() const { return false; }

  /// Whether the filter has selected a packet of this connection.
  bool isSelected(ConnectionId id) const {
    return takesAll_ || (raw(id) < selected_.size() && selected_[raw(id)]);
  }

  /// What probably listens at a connection's server.
  ServiceName serviceOf(const ConnectionRow& c) const {
    return services_.of(c.type, c.client.cid, c.server);
  }

  const Options& options_;
  ConnectionTracker tracker_;
  std::deque<ConnectionRow> rows_;  ///< ordered by number after run()
  std::map<std::pair<ConnectionId, FindingCode>, FindingGroup> findings_;
  std::map<ConnectionId, std::vector<Stall>> stalls_;
  std::int64_t firstNs_ = 0;
  std::int64_t lastNs_ = 0;

 private:
  ServiceNames names_;
  mutable ServiceLookup services_;
  std::vector<bool> selected_;
  bool takesAll_ = true;
};

/// Where a command writes its text.
Output standardOutput();

}  // namespace vsdump
