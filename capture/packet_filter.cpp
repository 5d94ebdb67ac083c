// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/packet_filter.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <utility>

#include "capture/source.h"

namespace vsdump {

void PacketFilter::Free::operator()(bpf_program* program) const noexcept {
  pcap_freecode(program);
  delete program;
}

PacketFilter::PacketFilter(std::unique_ptr<bpf_program, Free> program)
    : program_(std::move(program)) {}

namespace {

/// Whether the code loads what is not in the packet but at hand in the kernel alone: offsets from
/// SKF_AD_OFF on, linux:include/uapi/linux/filter.h.
bool asksTheKernel(const bpf_program& program) {
  constexpr bpf_u_int32 kFirstAncillary = 0xFFFFF000;
  return std::any_of(program.bf_insns, program.bf_insns + program.bf_len, [](const bpf_insn& one) {
    return BPF_CLASS(one.code) == BPF_LD && BPF_MODE(one.code) == BPF_ABS &&
           one.k >= kFirstAncillary;
  });
}

}  // namespace

Error filterError(const std::string& expression, const std::string& reason) {
  return Error{.kind = ErrorKind::Usage,
               .attempted = "compile the filter",
               .subject = '"' + expression + '"',
               .reason = reason,
               .hint =
                   "On vsock libpcap knows only less N, greater N, relations on len, and "
                   "link[offset:size]."};
}

Result<PacketFilter> PacketFilter::compile(const std::string& expression,
                                           std::uint32_t snapshotLengthBytes, bool optimize) {
  const auto length = static_cast<int>(std::min<std::uint32_t>(snapshotLengthBytes, 0x7FFFFFFF));
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> dead(pcap_open_dead(DLT_VSOCK, length),
                                                        pcap_close);
  std::unique_ptr<bpf_program, Free> program(new bpf_program{});
  if (pcap_compile(dead.get(), program.get(), expression.c_str(), optimize ? 1 : 0,
                   PCAP_NETMASK_UNKNOWN) != 0) {
    return tl::unexpected(filterError(expression, pcap_geterr(dead.get())));
  }
  if (asksTheKernel(*program)) {
    return tl::unexpected(
        filterError(expression, "inbound, outbound and ifindex are known to a live capture only"));
  }
  return PacketFilter(std::move(program));
}

bool PacketFilter::matches(const Frame& frame) const {
  pcap_pkthdr header{};
  header.caplen = static_cast<bpf_u_int32>(frame.bytes.size());
  header.len = frame.wireLengthBytes;
  return pcap_offline_filter(program_.get(), &header,
                             reinterpret_cast<const u_char*>(frame.bytes.data())) != 0;
}

}  // namespace vsdump
