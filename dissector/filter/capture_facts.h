// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "dissector/connection/tracker.h"
#include "dissector/filter/ast.h"
#include "dissector/filter/facts.h"

namespace vsdump::filter {

/// What becomes of the connections of a capture: gathered in a first reading of it, for a Selector
/// that sees the same packets in a second one.
class CaptureFacts final : private ConnectionConsumer {
 public:
  /// Gathers what this condition asks for.
  explicit CaptureFacts(const Expression& expression);

  /// The first reading: each packet in order, then the end.
  void take(const Frame& frame);
  void finish();

  /// Adds what is known about the packet with this place in the capture, from 1, to `facts`, which
  /// have its connection.
  void addTo(Facts& facts, FrameNumber place) const;

 private:
  struct OfConnection {
    FindingSet findings = 0;
    StateSet states = 0;
  };

  void ended(const Connection& connection) override;
  void found(const Finding& finding) override;

  FindingSet wanted_;  ///< findings whose packets are kept
  ConnectionTracker tracker_;
  std::uint64_t places_ = 0;
  std::vector<OfConnection> connections_;                       ///< by ConnectionId
  std::vector<std::pair<FrameNumber, FindingSet>> provenHere_;  ///< by place, after finish()
};

}  // namespace vsdump::filter
