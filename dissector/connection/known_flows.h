// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dissector/connection/observation.h"

namespace vsdump {

/// Where the newest packets went: from the addresses of a STREAM's packet straight to its
/// connection and direction. What does not stand here is looked up by its key.
class KnownFlows {
 public:
  struct Flow {
    std::uint64_t cids = 0;   ///< source and destination
    std::uint64_t ports = 0;  ///< the same
    std::uint32_t source = 0;
    std::uint32_t index = 0;  ///< of the connection, which may be over and its place another's
    ConnectionId id = kNoConnection;
    Direction direction{};
  };

  /// The flow that packets with these addresses were of, or nullptr. For CIDs of 32 bits.
  const Flow* find(const VirtioHeader& header, std::uint32_t source) const {
    if (flows_.empty()) return nullptr;
    const std::uint64_t cids = cidsOf(header);
    const std::uint64_t ports = portsOf(header);
    const Flow& flow = flows_[placeOf(header)];
    const std::uint64_t difference =
        (flow.cids ^ cids) | (flow.ports ^ ports) | (flow.source ^ source);
    return difference == 0 ? &flow : nullptr;
  }

  /// What find() would look at, whatever it is of.
  const Flow* at(const VirtioHeader& header) const {
    return flows_.empty() ? nullptr : &flows_[placeOf(header)];
  }

  /// Takes the place of whatever stands there.
  void remember(const VirtioHeader& header, std::uint32_t source, std::uint32_t index,
                const Observation& seen) {
    // Little of it is in use, so that flows rarely meet.
    if (++remembered_ > flows_.size() / 8 && flows_.size() < kMostPlaces) {
      flows_.assign(flows_.empty() ? kFewestPlaces : flows_.size() * 4, Flow());
      remembered_ = 1;
    }
    const std::uint64_t cids = cidsOf(header);
    const std::uint64_t ports = portsOf(header);
    flows_[placeOf(header)] = {cids, ports, source, index, seen.connection, seen.direction};
  }

 private:
  static constexpr unsigned kPortBits = 11;
  static constexpr unsigned kCidBits = 2;
  static constexpr std::size_t kFewestPlaces = 256;
  static constexpr std::size_t kMostPlaces = std::size_t{1} << (kPortBits + kCidBits + 1);

  static std::uint64_t cidsOf(const VirtioHeader& header) {
    return raw(header.src.cid) << 32 | raw(header.dst.cid);
  }
  static std::uint64_t portsOf(const VirtioHeader& header) {
    return std::uint64_t{raw(header.src.port)} << 32 | raw(header.dst.port);
  }
  /// Not by a hash: kernels give out ports one after the other, and so connections of the same time
  /// stand side by side and not on one another. Which of a connection's two flows it is comes last.
  /// Nobody gains by making flows collide: each packet then takes the way of all others.
  std::size_t placeOf(const VirtioHeader& header) const {
    const std::uint64_t ports = std::uint64_t{raw(header.src.port)} + raw(header.dst.port);
    const std::uint64_t cids = raw(header.src.cid) + raw(header.dst.cid);
    const bool way = header.src.port != header.dst.port ? header.src.port > header.dst.port
                                                        : header.src.cid > header.dst.cid;
    const std::uint64_t place = cids << kPortBits | ports % (1U << kPortBits);
    return static_cast<std::size_t>((place << 1 | (way ? 1U : 0U)) & (flows_.size() - 1));
  }

  std::vector<Flow> flows_;  // a power of two; none until one is needed, more as more are
  std::size_t remembered_ = 0;
};

}  // namespace vsdump
