// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>

#include "dissector/connection/recent_packets.h"
#include "dissector/connection/tracker.h"
#include "dissector/names/cid_names.h"

namespace vsdump {

/// What belongs to one capture source: its clock and what waits for it. Not part of the interface.
struct ConnectionTracker::Source {
  std::int64_t nowNs = Flow::kNever;
  bool hasSteppedBack = false;
  bool hasDuplicates = false;             ///< was found to have any
  std::unique_ptr<RecentPackets> recent;  ///< while it holds packets twice
  FrameNumber recentSince{};              ///< the packets from this one on are in `recent`

  // Each live connection is in one of these, once.
  std::deque<Timer> requests;  ///< answers that are due
  std::deque<Timer> awake;
  std::deque<Timer> parked;  ///< idle for long

  std::deque<Timer> credits;    ///< answers to CREDIT_REQUEST that are due
  std::deque<Timer> lingering;  ///< over, and kept for late packets

  std::int64_t dueNs = INT64_MAX;  ///< no timer in front of a queue is due before this

  void add(std::deque<Timer>& queue, const Timer& timer) {
    queue.push_back(timer);
    dueNs = std::min(dueNs, timer.dueNs);
  }
};

/// An address that REQUESTs went to.
struct ConnectionTracker::Server {
  ConnectionKey key;
  std::uint64_t opened = 0;
  std::uint64_t quiet = 0;  ///< of the open connections, those that are not used
  std::uint64_t leakLimit = 20;
  std::uint32_t failures = 0;  ///< since the last success
  std::uint32_t refusals = 0;  ///< of those
  std::int64_t firstFailureNs = 0;
  FrameNumber firstFailure{};
  bool wasOpen = false;
};

constexpr bool isRequest(VirtioOp op) {
  return op == VirtioOp::Request || op == VirtioOp::TsiRequestEx;
}

/// vhost passes nothing from one guest to another.
inline bool isBetweenGuests(const Connection& c) {
  return c.client().cid >= kFirstGuestCid && c.serverCid >= kFirstGuestCid;
}

/// So many packets of payload in one direction are judged by their size.
inline constexpr std::uint32_t kTinyPackets = 1000;

inline constexpr std::int64_t kSecondNs = 1'000'000'000;
/// How often a live connection is looked at.
inline constexpr std::int64_t kLookNs = 10 * kSecondNs;

}  // namespace vsdump
