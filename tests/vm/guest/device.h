// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "tests/vm/guest/ring.h"

namespace vsdump::guest {

/// How a guest presents itself to the host.
struct DeviceOptions {
  std::uint64_t cid = 42;
  std::uint16_t ringSize = 256;    ///< a power of two
  std::size_t receiveSize = 3776;  ///< bytes of a receive buffer; Linux guests since 6.3 have 3776
  std::uint16_t receiveBuffers = 256;  ///< how many are posted at the start
  bool seqpacket = true;               ///< whether VIRTIO_VSOCK_F_SEQPACKET is accepted
};

/// The guest's side of a virtio socket device, played by a process through /dev/vhost-vsock: to the
/// host's kernel it looks like a virtual machine.
///
/// **Errors** The program ends with a sentence where the kernel refuses something: there is no test
/// without a device.
/// **Source** linux/vhost.h; drivers/vhost/vsock.c.
class Device {
 public:
  explicit Device(const DeviceOptions& options);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Ring& receiveRing() { return receive_; }
  Ring& transmitRing() { return transmit_; }

  /// Tells the host that a ring has news for it.
  void kickReceive() const;
  void kickTransmit() const;

  /// Descriptors that become readable when the host has used buffers; acknowledge() makes them
  /// quiet.
  int receiveCall() const { return receiveCall_; }
  int transmitCall() const { return transmitCall_; }
  static void acknowledge(int call);

 private:
  void attachRing(unsigned index, const Ring& ring, int kick, int call) const;

  int vhost_;
  int receiveKick_;
  int receiveCall_;
  int transmitKick_;
  int transmitCall_;
  GuestMemory memory_;
  Ring receive_;
  Ring transmit_;
};

/// The longest packet that can be sent; longer than the host takes (44 + 65536), to try that too.
inline constexpr std::size_t kTransmitSize = 0x12000;

}  // namespace vsdump::guest
