// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/vm/guest/device.h"

#include <fcntl.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace vsdump::guest {
namespace {

constexpr unsigned kReceiveRing = 0;
constexpr unsigned kTransmitRing = 1;
constexpr std::uint64_t kFeatureSeqpacket = std::uint64_t{1} << 1;  // VIRTIO_VSOCK_F_SEQPACKET
constexpr std::uint64_t kFeatureVersion1 = std::uint64_t{1} << VIRTIO_F_VERSION_1;

/// A vhost_memory with one region; its own last member cannot be given a size in C++.
struct MemoryTable {
  std::uint32_t regions = 1;
  std::uint32_t padding = 0;
  vhost_memory_region region;
};
static_assert(offsetof(MemoryTable, region) == sizeof(vhost_memory));

int checked(int result, const char* what) {
  if (result < 0) {
    std::fputs("vhost_guest: ", stderr);
    std::perror(what);
    std::exit(1);
  }
  return result;
}

template <typename Argument>
void control(int vhost, unsigned long request, Argument argument, const char* what) {
  checked(ioctl(vhost, request, argument), what);
}

int newEvent() {
  return checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
}

void signalEvent(int event) {
  const std::uint64_t one = 1;
  checked(static_cast<int>(write(event, &one, sizeof one)), "write to an eventfd");
}

/// Rings, their buffers and some room for alignment.
std::size_t memoryFor(const DeviceOptions& options) {
  return options.ringSize * (options.receiveSize + kTransmitSize + 256) + 65536;
}

}  // namespace

Device::Device(const DeviceOptions& options)
    : vhost_(checked(open("/dev/vhost-vsock", O_RDWR | O_CLOEXEC), "open /dev/vhost-vsock")),
      receiveKick_(newEvent()),
      receiveCall_(newEvent()),
      transmitKick_(newEvent()),
      transmitCall_(newEvent()),
      memory_(memoryFor(options)),
      receive_(memory_, RingDirection::FromDevice, options.ringSize, options.receiveSize),
      transmit_(memory_, RingDirection::ToDevice, options.ringSize, kTransmitSize) {
  control(vhost_, VHOST_SET_OWNER, 0, "VHOST_SET_OWNER");

  std::uint64_t features = 0;
  control(vhost_, VHOST_GET_FEATURES, &features, "VHOST_GET_FEATURES");
  features &= kFeatureVersion1 | (options.seqpacket ? kFeatureSeqpacket : 0);
  control(vhost_, VHOST_SET_FEATURES, &features, "VHOST_SET_FEATURES");

  MemoryTable table{};
  table.region.guest_phys_addr = GuestMemory::kPhysicalBase;
  table.region.memory_size = memory_.bytes().size();
  table.region.userspace_addr = reinterpret_cast<std::uintptr_t>(memory_.bytes().data());
  control(vhost_, VHOST_SET_MEM_TABLE, &table, "VHOST_SET_MEM_TABLE");

  for (std::uint16_t posted = 0; posted < options.receiveBuffers && receive_.hasFree(); ++posted) {
    receive_.post();
  }
  attachRing(kReceiveRing, receive_, receiveKick_, receiveCall_);
  attachRing(kTransmitRing, transmit_, transmitKick_, transmitCall_);

  control(vhost_, VHOST_VSOCK_SET_GUEST_CID, &options.cid, "VHOST_VSOCK_SET_GUEST_CID");
  int running = 1;
  control(vhost_, VHOST_VSOCK_SET_RUNNING, &running, "VHOST_VSOCK_SET_RUNNING");
  kickReceive();
}

Device::~Device() {
  for (const int descriptor : {vhost_, receiveKick_, receiveCall_, transmitKick_, transmitCall_}) {
    close(descriptor);
  }
}

void Device::attachRing(unsigned index, const Ring& ring, int kick, int call) const {
  vhost_vring_state size{index, ring.size()};
  control(vhost_, VHOST_SET_VRING_NUM, &size, "VHOST_SET_VRING_NUM");
  vhost_vring_state base{index, 0};
  control(vhost_, VHOST_SET_VRING_BASE, &base, "VHOST_SET_VRING_BASE");
  vhost_vring_addr place{};
  place.index = index;
  place.desc_user_addr = reinterpret_cast<std::uintptr_t>(ring.descriptors());
  place.avail_user_addr = reinterpret_cast<std::uintptr_t>(ring.available());
  place.used_user_addr = reinterpret_cast<std::uintptr_t>(ring.used());
  control(vhost_, VHOST_SET_VRING_ADDR, &place, "VHOST_SET_VRING_ADDR");
  vhost_vring_file kickFile{index, kick};
  control(vhost_, VHOST_SET_VRING_KICK, &kickFile, "VHOST_SET_VRING_KICK");
  vhost_vring_file callFile{index, call};
  control(vhost_, VHOST_SET_VRING_CALL, &callFile, "VHOST_SET_VRING_CALL");
}

void Device::kickReceive() const {
  signalEvent(receiveKick_);
}
void Device::kickTransmit() const {
  signalEvent(transmitKick_);
}

void Device::acknowledge(int call) {
  std::uint64_t count = 0;
  // Nothing to read is as good as something: the caller looks at the ring next.
  [[maybe_unused]] const ssize_t got = read(call, &count, sizeof count);
}

}  // namespace vsdump::guest
