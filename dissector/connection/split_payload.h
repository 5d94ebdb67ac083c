// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "dissector/wire/bytes.h"

namespace vsdump {

/// Where the payload of a packet lies in what the tap recorded.
///
/// vhost splits a packet that is larger than the guest's buffer. Kernels before the fix of 2026 tap
/// more than the fragment: up to 6.6 each record holds what remained, so the fragment comes first;
/// from 6.7 to 7.0 each record holds the whole packet from its first byte, so the fragment starts
/// where the fragments before ended. (Packets that such kernels keep in pages are tapped from the
/// fragment on, with stale bytes behind it, in records of the same length.) What tells them apart
/// is that whole records repeat.
/// **Source** linux drivers/vhost/vsock.c and virtio_transport_build_skb() before commit
/// 5f344d809e01.
class SplitPayload {
 public:
  /// How many bytes into the tapped payload the fragment starts. `tapped` is what was captured of
  /// the record's payload, `tappedLengthBytes` what the record had on the wire of it, and
  /// `lengthBytes` the fragment's own length.
  std::uint32_t startOf(Bytes tapped, std::uint32_t tappedLengthBytes, std::uint32_t lengthBytes);

  /// The next packet was tapped as it was sent.
  void takeWhole() { done_ = 0; }

  /// Whether takeWhole() would change nothing.
  bool isWhole() const { return done_ == 0; }

  bool operator==(const SplitPayload&) const = default;

 private:
  std::uint32_t done_ = 0;    ///< bytes of the packet that its fragments had so far, if it repeats
  std::uint32_t digest_ = 0;  ///< of the record before
  std::uint32_t tappedLength_ = 0;
  std::uint32_t lengthBefore_ = 0;
  std::uint32_t shrinking_ = 0;  ///< records that held just what the one before had left
};

}  // namespace vsdump
