// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "dissector/connection/connection.h"

namespace vsdump {

/// What follows within this time is taken for an answer.
inline constexpr std::int64_t kPromptNs = 100'000'000;

/// Records may stand in the capture this much after one that follows from them: a guest's tap sees
/// a packet only after the host could have answered it.
inline constexpr std::int64_t kReorderNs = 1'000'000;

/// Linux does not tell the sender of room that it made before so many bytes are free, unless the
/// queue ran empty. **Source** linux net/vmw_vsock/virtio_transport_common.c,
/// virtio_transport_stream_do_dequeue(): VIRTIO_VSOCK_MAX_PKT_BUF_SIZE.
inline constexpr std::uint32_t kLinuxTellsBelowBytes = 65536;

/// Whether an RST speaks for a socket: one from a side without any has no counters.
inline bool hasCounters(const VirtioHeader& header) {
  return header.op != VirtioOp::Rst || header.bufAlloc != 0 || header.fwdCnt != 0;
}

/// Whether the credit of `sender` at `receiver` is known: both sides were seen from the start, and
/// nothing of what was sent is missing.
inline bool knowsCredit(const Flow& sender, const Flow& receiver) {
  return sender.countsFromStart && receiver.hasTold;
}

/// Payload bytes that were sent and that the receiver has not told to have consumed.
inline std::uint32_t inFlight(const Flow& sender, const Flow& receiver) {
  const std::uint32_t difference = sender.sent - receiver.fwdCnt;
  // Consumed before it was seen to be sent: the record is late or missing.
  return difference > 0x80000000U ? 0 : difference;
}

/// What may still be sent, by virtio's rule: the peer's buf_alloc less what is in flight; never
/// less than nothing. On the host a sender is charged when a packet is queued, before the tap sees
/// it: while packets wait for the guest, the sender has less credit than this.
inline std::uint32_t creditLeft(const Flow& sender, const Flow& receiver) {
  const std::uint32_t used = inFlight(sender, receiver);
  return used >= receiver.bufAlloc ? 0 : receiver.bufAlloc - used;
}

/// Whether a sender that also keeps to its own buffer size may send nothing now. Newer Linux does
/// (kernel commit c0e42fb0e0), which a capture does not reveal.
inline bool isPossiblyBlocked(const Flow& sender, const Flow& receiver) {
  return sender.bufAlloc < receiver.bufAlloc && sender.hasTold && !sender.isUncapped &&
         inFlight(sender, receiver) >= sender.bufAlloc && sender.bufAlloc != 0;
}

/// Whether a sender that goes on now was waiting for the credit that has come back. After a long
/// wait it may take half a second: busy machines do not wake it at once.
bool goesOnPromptly(const Flow& sender, std::int64_t now);

/// Takes the counters of a packet from `flow`'s sender, which had sent nothing for `silentNs`. A
/// fwd_cnt that goes back is not taken: two threads of a sender can make it, one just after the
/// other. After a silence it is counted in `stepsBack`.
void hear(Flow& flow, const VirtioHeader& header, std::int64_t silentNs);

}  // namespace vsdump
