// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capture/file/descriptor.h"
#include "capture/filter/program.h"
#include "capture/live/live_options.h"
#include "capture/live/packet_socket.h"
#include "capture/live/pcap_handle.h"
#include "capture/source.h"

struct pcap_pkthdr;

namespace vsdump {

/// What a live capture has counted. When read() has told the end after stop(), `captured` equals
/// `received` minus `dropped`, or the last notice says by how much it does not.
struct LiveStatistics {
  std::uint64_t captured = 0;  ///< packets that read() has handed out
  std::uint64_t received = 0;  ///< packets that passed the filter, those dropped included
  std::uint64_t dropped = 0;   ///< packets that found no room in the kernel's buffer
};

/// The packets that pass a vsockmon device.
///
/// read() waits for packets, but no longer than its limit. It tells Waiting once the kernel's
/// buffer is empty, along with the packets if there are any, so that a caller can flush its output;
/// Damaged when the device is removed; End after stop().
///
/// **Threads** One thread reads; any thread or signal handler may call stop() and wake().
class LiveSource final : public PacketSource {
 public:
  /// `handle` is activated, with these options, and does not block.
  LiveSource(PcapHandle handle, std::string deviceName, const LiveOptions& options);
  ~LiveSource() override;
  LiveSource(const LiveSource&) = delete;
  LiveSource& operator=(const LiveSource&) = delete;

  /// Lets only those packets pass that match, and cuts all at the snapshot length before they take
  /// room in the kernel's buffer. Packets that wait there already are filtered too. Called once,
  /// before the first read().
  ///
  /// **Errors** Io when the kernel refuses the program.
  Result<void> setFilter(FilterProgram program);

  /// Has every packet passed on as soon as it comes, its bytes where the kernel has put them,
  /// instead of copied into the batches of read(), which are empty then: a read() goes on for up to
  /// 50 ms while packets keep coming, unless the taker says that it wants no more. For who is done
  /// with a packet when the call returns. Called before the first read(), which returns what fails
  /// here.
  void passOn(std::function<Result<bool>(const Frame&)> taker) { taker_ = std::move(taker); }

  Result<Batch> read() override;
  std::span<const CaptureInterface> interfaces() const override { return {&interface_, 1}; }
  void count() override { statistics(); }

  /// Ends the capture without losing anything: at the next read() the kernel is told to let no
  /// packet in any more, what it has counted until then is handed out, and then the end is told.
  /// Safe in signal handlers.
  void stop() noexcept;

  /// Makes a read() that waits, or the next one that would, return at once. Safe in signal
  /// handlers.
  void wake() noexcept;

  /// Makes a read() that waits return when the reader of this pipe or socket, to which the packets
  /// are passed on, goes away. Once.
  void watchReaderOf(int descriptor) { watchedReader_ = descriptor; }

  /// Tells it when the process at the other end, which is to remove the device, is no more. The
  /// connection ends with the source. See keepDevice(); a descriptor that is not open is fine.
  void watchKeeper(Descriptor connection) { keeper_ = std::move(connection); }

  /// The counters as they are now; interfaces() shows them too from then on.
  LiveStatistics statistics();

  /// What -L and -J list.
  std::vector<NamedChoice> linkTypes() const;
  std::vector<NamedChoice> timestampTypes() const;

 private:
  using Clock = std::chrono::steady_clock;

  static void keep(unsigned char* source, const pcap_pkthdr* header, const unsigned char* bytes);
  void waitForWake(std::chrono::milliseconds limit) const;
  Result<bool> waitForPackets(std::chrono::milliseconds limit);
  Result<void> takePackets();
  Result<void> startDraining(SourceState stateAfter);
  void finishWhenDrained(bool hasTaken);
  Result<void> watchDevice();
  void notice(SourceNotice::Severity severity, std::string message);

  PcapHandle handle_;
  std::optional<FilterProgram> filter_;
  PacketSocket socket_;
  int wakeDescriptor_;
  int watchedReader_ = -1;  ///< see watchReaderOf(); -1 for none
  Descriptor keeper_;       ///< see watchKeeper()
  std::chrono::milliseconds waitLimit_;
  std::chrono::milliseconds gatheringTime_;          ///< 0: none is left to gather
  std::function<Result<bool>(const Frame&)> taker_;  ///< see passOn()
  bool isEnough_ = false;                            ///< for the taker
  std::optional<Error> takerFailure_;
  CaptureInterface interface_;
  std::atomic<bool> stopRequested_ = false;
  bool isWoken_ = false;  ///< by wake(), when last waited

  // The batch.
  std::unique_ptr<std::byte[]> arena_;
  std::size_t arenaUsed_ = 0;
  std::vector<Frame> frames_;
  std::vector<SourceNotice> notices_;
  SourceState state_ = SourceState::Waiting;

  std::uint64_t captured_ = 0;
  std::uint64_t unfiltered_ = 0;  ///< packets to come that the kernel let in before the filter
  std::uint64_t rejected_ = 0;    ///< those among them that did not match

  /// Set once nothing is let in any more: what to tell when the buffer is empty.
  std::optional<SourceState> stateAfterDraining_;
  Clock::time_point lastProgress_;
  std::optional<Clock::time_point> downSince_;
  bool saidDown_ = false;
};

}  // namespace vsdump
