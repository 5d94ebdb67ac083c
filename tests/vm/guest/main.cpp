// SPDX-License-Identifier: GPL-2.0-or-later
// Plays a virtual machine's virtio socket device: packets that come in on a UNIX SEQPACKET socket
// (descriptor 0) go to the host's kernel as they are, and the other way round. What the packets say
// is the business of whoever holds the other end (guest.py).
//
// Messages, one a packet, first byte = kind:
//   to this program    'p' BYTES   send BYTES to the host, header and all
//                      'b' N (u16) post N more receive buffers (after --hold)
//   from this program  'r'         ready
//                      'p' BYTES   the host has sent BYTES
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/vm/guest/device.h"

namespace vsdump::guest {
namespace {

constexpr int kScript = 0;

struct Options {
  DeviceOptions device;
  bool hold = false;  ///< used receive buffers are posted again only on demand
};

void usage() {
  std::fputs(
      "usage: vhost_guest [--cid N] [--receive-size BYTES] [--receive-buffers N] [--hold] "
      "[--no-seqpacket]\n"
      "Standard input must be a UNIX SEQPACKET socket; tests/vm/guest.py is the other end.\n",
      stderr);
  std::exit(2);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int index = 1; index < argc; ++index) {
    const std::string_view word = argv[index];
    if (word == "--hold") {
      options.hold = true;
    } else if (word == "--no-seqpacket") {
      options.device.seqpacket = false;
    } else if (index + 1 == argc) {
      usage();
    } else if (const auto value = std::strtoull(argv[++index], nullptr, 0); word == "--cid") {
      options.device.cid = value;
    } else if (word == "--receive-size") {
      options.device.receiveSize = value;
    } else if (word == "--receive-buffers") {
      options.device.receiveBuffers = static_cast<std::uint16_t>(value);
    } else {
      usage();
    }
  }
  return options;
}

void tell(char kind, std::span<const std::byte> bytes) {
  std::array<iovec, 2> parts{iovec{&kind, 1},
                             iovec{const_cast<std::byte*>(bytes.data()), bytes.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  if (sendmsg(kScript, &message, MSG_NOSIGNAL) < 0) {
    std::exit(errno == EPIPE ? 0 : 1);
  }
}

/// Passes on what the host has sent.
void drainReceiveRing(Device& device, bool hold) {
  Device::acknowledge(device.receiveCall());
  bool posted = false;
  while (const auto bytes = device.receiveRing().take()) {
    tell('p', *bytes);
    if (!hold) {
      device.receiveRing().post();
      posted = true;
    }
  }
  if (posted) {
    device.kickReceive();
  }
}

/// Frees what the host has read.
void drainTransmitRing(Device& device) {
  Device::acknowledge(device.transmitCall());
  while (device.transmitRing().take()) {
  }
}

/// Does what one message asks for. False when the other end has closed.
bool obey(Device& device, std::vector<std::byte>& message) {
  const ssize_t size = recv(kScript, message.data(), message.size(), 0);
  if (size <= 0) {
    return false;
  }
  const auto body = std::span(message).first(static_cast<std::size_t>(size)).subspan(1);
  switch (static_cast<char>(message[0])) {
    case 'p':
      device.transmitRing().push(body);
      device.kickTransmit();
      break;
    case 'b': {
      std::uint16_t count = 0;
      std::memcpy(&count, body.data(), std::min(body.size(), sizeof count));
      while (count-- > 0 && device.receiveRing().hasFree()) {
        device.receiveRing().post();
      }
      device.kickReceive();
      break;
    }
    default:
      std::fputs("vhost_guest: a message of no known kind\n", stderr);
      return false;
  }
  return true;
}

int run(const Options& options) {
  Device device(options.device);
  tell('r', {});
  std::vector<std::byte> message(1 + kTransmitSize);
  for (;;) {
    // Without a free buffer there is no place for what the script would send.
    const short wanted = device.transmitRing().hasFree() ? POLLIN : 0;
    std::array<pollfd, 3> events{pollfd{kScript, wanted, 0},
                                 pollfd{device.receiveCall(), POLLIN, 0},
                                 pollfd{device.transmitCall(), POLLIN, 0}};
    if (poll(events.data(), events.size(), -1) < 0) {
      std::perror("vhost_guest: poll");
      return 1;
    }
    drainTransmitRing(device);
    drainReceiveRing(device, options.hold);
    if ((events[0].revents & POLLIN) != 0 && !obey(device, message)) {
      return 0;
    }
    if ((events[0].revents & (POLLHUP | POLLERR)) != 0) {
      return 0;
    }
  }
}

}  // namespace
}  // namespace vsdump::guest

int main(int argc, char** argv) {
  return vsdump::guest::run(vsdump::guest::parse(argc, argv));
}
