// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "capture/error.h"

struct bpf_program;

namespace vsdump {

/// What the kernel has counted at a packet socket.
struct PacketCounters {
  std::uint64_t received = 0;  ///< passed the filter, those dropped included
  std::uint64_t dropped = 0;   ///< found no room
};

enum class DeviceState { Up, Down, Gone };

/// The packet socket below a libpcap handle, for what libpcap does not offer.
///
/// **Lifetime** Borrows the descriptor.
class PacketSocket {
 public:
  explicit PacketSocket(int descriptor);

  int descriptor() const { return descriptor_; }

  /// Lets only those packets in from now on that the program accepts. Unlike pcap_setfilter() it
  /// leaves alone what is in the buffer already.
  Result<void> setFilter(const bpf_program& program);

  /// Lets no packet in any more. When it returns, the counters stand still.
  Result<void> close();

  /// The counters since the socket was opened. pcap_stats() is not used: its counters have 32 bits,
  /// and it reads files in /sys by the device's name, which a device in another network namespace
  /// may bear.
  PacketCounters counters();

  /// How the device is that the socket was bound to.
  DeviceState deviceState() const;

  /// The error that the socket reports, and forgets by that; 0 for none.
  int takeError();

 private:
  int descriptor_;
  int deviceIndex_;
  PacketCounters counters_;
};

}  // namespace vsdump
