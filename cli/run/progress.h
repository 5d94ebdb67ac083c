// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace vsdump {

/// Says on standard error how far the reading of a large file has come: only on a terminal, only
/// after a second, and not where packets are printed on the same terminal anyway.
class Progress {
 public:
  explicit Progress(bool isWanted);
  ~Progress() { erase(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `part` is PacketSource::progress().
  void update(std::optional<double> part);

  /// Takes the line off the screen, before something else is said or at the end.
  void erase();

 private:
  using Clock = std::chrono::steady_clock;

  bool isWanted_;
  bool isShown_ = false;
  Clock::time_point next_;
};

/// tcpdump's -v beside -w on a live capture: "Got N" once a second, on one line.
class CaptureTally {
 public:
  explicit CaptureTally(bool isWanted);

  void update(std::uint64_t captured);

 private:
  using Clock = std::chrono::steady_clock;

  bool isWanted_;
  Clock::time_point next_;
};

}  // namespace vsdump
