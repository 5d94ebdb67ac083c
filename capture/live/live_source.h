// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "capture/live/pcap_handle.h"
#include "capture/source.h"

namespace vsdump {

/// What a live capture has counted. Once read() has told the end after stop(), `captured` equals
/// `received` minus `dropped`, or the last notice says by how much it does not.
struct LiveStatistics {
  std::uint64_t captured = 0;  ///< packets that read() has handed out
  std::uint64_t received = 0;  ///< packets that passed the filter, those dropped included
  std::uint64_t dropped = 0;   ///< packets that found no room in the kernel's buffer
};

/// The packets that pass a vsockmon device.
///
/// read() waits for packets, but no longer than its limit. It tells Waiting as soon as the kernel's
/// buffer is empty, along with the packets if there are any, so that a caller can flush its output;
/// Damaged when the device is removed; End after stop().
///
/// **Threads** One thread reads; any thread or signal handler may call stop() and wake().
class LiveSource final : public PacketSource {
 public:
  /// `handle` is activated and does not block; `waitLimit` bounds the time that a read() without
  /// packets takes.
  LiveSource(PcapHandle handle, std::string deviceName, std::chrono::milliseconds waitLimit);
  ~LiveSource() override;
  LiveSource(const LiveSource&) = delete;
  LiveSource& operator=(const LiveSource&) = delete;

  /// Lets only those packets pass that match, those included that wait already. Call it once,
  /// before the first read().
  ///
  /// **Errors** Usage with libpcap's words when the expression does not compile.
  Result<void> setFilter(const std::string& expression, bool optimize);

  Result<Batch> read() override;
  std::span<const CaptureInterface> interfaces() const override;

  /// Ends the capture without losing anything: from the next read() on the kernel lets no packet
  /// in, what it had counted until then is handed out, and then the end is told. Safe in signal
  /// handlers.
  void stop() noexcept;

  /// Makes a read() that waits, or the next one that would, return at once. Safe in signal
  /// handlers.
  void wake() noexcept;

  /// The counters as they are now.
  LiveStatistics statistics();

  /// What -L and -J list.
  std::vector<NamedChoice> linkTypes() const;
  std::vector<NamedChoice> timestampTypes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vsdump
