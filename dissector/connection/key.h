// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "dissector/wire/virtio.h"

namespace vsdump {

/// What the packets of one connection have in common, whichever way they go.
///
/// The socket type is part of it: the kernel answers a packet of another type with RST and leaves
/// the connection that has these addresses alone.
struct ConnectionKey {
  std::uint64_t lowCid = 0;
  std::uint64_t highCid = 0;
  std::uint32_t lowPort = 0;
  std::uint32_t highPort = 0;
  std::uint32_t source = 0;  ///< a capture's interface: sources never mix
  std::uint32_t type = 0;    ///< VirtioType

  bool operator==(const ConnectionKey&) const = default;
};

/// A packet's key, and which of the two ends it comes from.
struct KeyedEnd {
  ConnectionKey key;
  bool isFromLow = false;
};

/// Whether a packet went over the loopback transport: from CID 1, as every socket there sends, or a
/// RST to it, which a side without a socket sends from the address that was asked for.
bool isLoopback(const VirtioHeader& header);

/// Loopback folds: a connection from CID 1 to CID 2 (or to the machine's own CID) shows
/// `1.p > 2.q` one way, `1.q > 1.p` the other, and `2.q > 1.p` for a late RST; all give one key.
/// **Source** linux net/vmw_vsock/virtio_transport_common.c, virtio_transport_send_pkt_info(): the
/// source CID is the transport's, which for loopback is VMADDR_CID_LOCAL; and
/// virtio_transport_reset_no_sock(), which turns the addresses of the packet round.
KeyedEnd keyOf(const VirtioHeader& header, std::uint32_t source);

/// Hashes keys with secrets of its own, so that no capture file can be made whose keys all collide:
/// for any two keys the chance of equal hashes is about 2^-32, over the choice of the secrets.
class KeyHash {
 public:
  /// Secrets from the system's random source.
  KeyHash();
  /// Secrets derived from `seed`, for repeatable tests.
  explicit KeyHash(std::uint64_t seed);

  std::uint32_t operator()(const ConnectionKey& key) const;

 private:
  std::uint64_t secrets_[6];
};

}  // namespace vsdump
