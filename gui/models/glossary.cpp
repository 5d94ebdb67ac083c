// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/glossary.h"

#include <algorithm>
#include <array>

namespace vsdump::gui {

namespace {

constexpr std::array kGlossary{
    GlossaryRow{"CID",
                "context identifier: the address of a machine. 0 is the hypervisor, 1 this "
                "machine itself (local), 2 the host, from 3 on guests"},
    GlossaryRow{"REQUEST", "asks for a connection, as TCP's SYN does"},
    GlossaryRow{"RESPONSE", "accepts a connection"},
    GlossaryRow{"RST",
                "refuses a connection, or ends one: both at its agreed end and when "
                "something went wrong"},
    GlossaryRow{"SHUTDOWN", "says that the sender will not send, or not receive, any more"},
    GlossaryRow{"RW", "carries payload"},
    GlossaryRow{"CREDIT_UPDATE", "tells the other side how much room there is"},
    GlossaryRow{"CREDIT_REQUEST", "asks the other side how much room it has"},
    GlossaryRow{"src_cid", "machine that sends the packet"},
    GlossaryRow{"dst_cid", "machine that is to get the packet"},
    GlossaryRow{"src_port", "port of the sender"},
    GlossaryRow{"dst_port", "port of the receiver"},
    GlossaryRow{"op", "operation: what the packet does"},
    GlossaryRow{"type",
                "kind of socket: STREAM is a stream of bytes, SEQPACKET keeps the borders "
                "of messages, DGRAM has no connections"},
    GlossaryRow{"transport", "whose header follows: virtio's, or none"},
    GlossaryRow{"len", "bytes that follow: of the transport's header, or of payload"},
    GlossaryRow{"flags", "of SHUTDOWN: which ways are shut; of SEQPACKET: where messages end"},
    GlossaryRow{"buf_alloc",
                "size of the sender's own receive buffer, in bytes: all that the "
                "other side may have on its way"},
    GlossaryRow{"fwd_cnt",
                "bytes that the sender's program has read so far, modulo 2^32: they "
                "free room in its buffer"},
    GlossaryRow{"credit left",
                "bytes that the sender may still send before the other side's "
                "buffer is full: buf_alloc less what fwd_cnt has not confirmed"},
    GlossaryRow{"stall", "a sender had no credit left and had to wait until the other side read"},
    GlossaryRow{"in flight", "packets with payload that were sent and not yet read"},
    GlossaryRow{"stream offset", "payload bytes that went this way before the packet"},
    GlossaryRow{"handshake", "time from the REQUEST to the RESPONSE"},
    GlossaryRow{"vsockmon",
                "the kernel's device that shows vsock packets to programs that capture"},
    GlossaryRow{"partial",
                "the connection began before the capture: who is the client may be a "
                "guess"},
};

}  // namespace

std::span<const GlossaryRow> glossary() {
  return kGlossary;
}

std::string_view meaningOf(std::string_view word) {
  const auto found = std::ranges::find(kGlossary, word, &GlossaryRow::word);
  return found == kGlossary.end() ? std::string_view{} : found->meaning;
}

}  // namespace vsdump::gui
