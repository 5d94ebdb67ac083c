// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "dissector/connection/tracker.h"
#include "dissector/filter/capture_facts.h"
#include "dissector/filter/filter.h"
#include "dissector/filter/needs.h"
#include "dissector/names/service_names.h"

namespace vsdump::filter {

/// Asks a filter about the packets of one capture in their order, and follows their connections as
/// far as the filter needs it.
///
/// Without CaptureFacts it knows what the packets up to this one have told: a connection's state
/// and findings are those that it has by then, and `finding-packet` is the packet that shows the
/// finding.
class Selector final : private ConnectionConsumer {
 public:
  /// `services` name the ports for `service`; `whole` is what a first reading has gathered. Either
  /// may be null.
  explicit Selector(Filter filter, std::shared_ptr<const ServiceNames> services = nullptr,
                    std::shared_ptr<const CaptureFacts> whole = nullptr);
  ~Selector() override;
  Selector(Selector&&) = delete;

  /// Whether the next packet matches.
  bool matches(const Frame& frame) {
    return need_ == Need::Record ? filter_.matches(frame) : matchesWithFacts(frame);
  }

  /// Whether it matches all packets, so that they need not be shown to it.
  bool takesAll() const { return filter_.takesAll(); }

 private:
  bool matchesWithFacts(const Frame& frame);
  Facts factsOf(const Connection& connection, FrameNumber place) const;
  void found(const Finding& finding) override;

  Filter filter_;
  Need need_;
  std::shared_ptr<const ServiceNames> services_;
  std::shared_ptr<const CaptureFacts> whole_;
  ConnectionTracker tracker_;
  std::uint64_t places_ = 0;
  FindingSet provenHere_ = 0;  ///< by the packet being observed
};

}  // namespace vsdump::filter
