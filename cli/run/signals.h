// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <optional>

namespace vsdump {

class LiveSource;

/// What signals ask the program to do, noticed between batches.
///
/// SIGINT, SIGTERM and SIGHUP end it in good order (SIGHUP only where it was not ignored, as under
/// nohup), SIGUSR1 asks for the counters, SIGUSR2 for a flush. Once it is to end, a reader that
/// stalls is waited for no more (see PatientWriter). A second SIGINT or SIGTERM ends the program at
/// once.
///
/// **Threads** One object at a time in a process; its functions belong to the main thread;
/// any() and stopRequested() are for any.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Passes the wish to end on to a live capture, which may be waiting for packets.
  /// **Lifetime** until the next call; nullptr ends it.
  void watch(LiveSource* source);

  /// Whether something is asked for.
  bool any() const;
  bool stopRequested() const;
  bool takeStatisticsRequest();
  bool takeFlushRequest();

  /// Returns after `limit`, or as soon as a signal asks for something.
  void wait(std::chrono::milliseconds limit) const;

  /// Returns when there is something to read from `input`, when the reader of `output` goes away,
  /// when a signal asks for something, or after `limit`, if there is one. Returns whether there is
  /// something to read, be it the end.
  bool waitFor(int input, std::optional<int> output,
               std::optional<std::chrono::milliseconds> limit) const;
};

}  // namespace vsdump
