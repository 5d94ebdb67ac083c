// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/packet_socket.h"

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/membarrier.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace vsdump {

namespace {

int boundDevice(int descriptor) {
  sockaddr_ll address{};
  socklen_t size = sizeof address;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return address.sll_ifindex;
}

// A compiled program is handed to the kernel as it is.
static_assert(sizeof(bpf_insn) == sizeof(sock_filter));
static_assert(offsetof(bpf_insn, k) == offsetof(sock_filter, k));

}  // namespace

PacketSocket::PacketSocket(int descriptor)
    : descriptor_(descriptor), deviceIndex_(boundDevice(descriptor)) {}

Result<void> PacketSocket::setFilter(const bpf_program& program) {
  const sock_fprog kernelProgram{.len = static_cast<unsigned short>(program.bf_len),
                                 .filter = reinterpret_cast<sock_filter*>(program.bf_insns)};
  int errnoValue = EMSGSIZE;
  if (kernelProgram.len == program.bf_len) {
    if (setsockopt(descriptor_, SOL_SOCKET, SO_ATTACH_FILTER, &kernelProgram,
                   sizeof kernelProgram) == 0) {
      return {};
    }
    errnoValue = errno;
  }
  Error error =
      systemError("hand", fmt::format("the filter, {} instructions, to the kernel", program.bf_len),
                  errnoValue);
  error.hint = "A shorter filter may do, or capture with -w and filter with -r.";
  return tl::unexpected(std::move(error));
}

Result<void> PacketSocket::close() {
  bpf_insn rejectAll{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
  Result<void> set = setFilter({.bf_len = 1, .bf_insns = &rejectAll});
  // The kernel may still be busy with a packet that passed the filter before. Such work is done
  // under RCU, and this call returns after a grace period. Where the kernel refuses it, that
  // packet is a rare one missing from the counters.
  if (set) syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
  return set;
}

PacketCounters PacketSocket::counters() {
  tpacket_stats_v3 since{};
  socklen_t size = sizeof since;
  if (getsockopt(descriptor_, SOL_PACKET, PACKET_STATISTICS, &since, &size) == 0) {
    counters_.received += since.tp_packets;
    counters_.dropped += since.tp_drops;
  }
  return counters_;
}

DeviceState PacketSocket::deviceState() const {
  ifreq request{};
  // The flags are asked for by name; a device that is renamed in between has another one.
  do {
    request.ifr_ifindex = deviceIndex_;
    if (ioctl(descriptor_, SIOCGIFNAME, &request) != 0) return DeviceState::Gone;
  } while (ioctl(descriptor_, SIOCGIFFLAGS, &request) != 0);
  return (request.ifr_flags & IFF_UP) != 0 ? DeviceState::Up : DeviceState::Down;
}

int PacketSocket::takeError() {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &value, &size) != 0) return errno;
  return value;
}

}  // namespace vsdump
