// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>

#include "dissector/wire/packet.h"
#include "wireshark-plugin/capture_state.h"
#include "wireshark-plugin/epan.h"

namespace vsdump {

/// All about the packet that is being dissected, and what taps get.
///
/// Wireshark throws by longjmp(), which runs no destructors: whatever lives while Wireshark's
/// functions are called must not need one. So this is plain, and nothing that is needed later hides
/// in a string or a vector of C++.
///
/// **Lifetime** of the packet's dissection.
struct View {
  Frame frame{};
  Packet packet{};
  FrameFacts facts{};            ///< `isSeen` is false where nothing is known
  ConnectionFacts connection{};  ///< if facts.seen.connection is one
  std::span<const std::uint32_t> findings{};
  std::span<const MessagePart> messages{};  ///< what it completed
  Address src{};                  ///< the sender, as the connection's other packets call it
  Address dst{};                  ///< the receiver
  const char* service = nullptr;  ///< nullptr where the server's port has no name
  tvbuff_t* payload = nullptr;    ///< the payload bytes at hand; nullptr without any

  bool isVirtio() const { return packet.decoded == Decoded::Virtio; }
  bool hasConnection() const { return facts.seen.connection != kNoConnection; }
  bool carriesStream() const {
    return isVirtio() && packet.virtio.op == VirtioOp::Rw && !facts.seen.isDuplicate;
  }
};
static_assert(std::is_trivially_destructible_v<View>);

/// Decodes the record and asks the tracker. Memory is the packet's own; throws nothing and calls
/// nothing of Wireshark's that does.
View* lookAt(tvbuff_t* tvb, packet_info* pinfo) noexcept;

/// The sentence about a finding, in the packet's memory.
const char* messageIn(wmem_allocator_t* pool, const Finding& finding) noexcept;

/// "1.3425355126", in the packet's memory.
const char* endIn(wmem_allocator_t* pool, const Address& end) noexcept;

}  // namespace vsdump
