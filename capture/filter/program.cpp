// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/filter/program.h"

namespace vsdump {

bpf_program FilterProgram::view() const {
  return {.bf_len = static_cast<unsigned>(instructions_.size()),
          // libpcap and the kernel only read them.
          .bf_insns = const_cast<bpf_insn*>(instructions_.data())};
}

bool FilterProgram::accepts(const Frame& frame) const {
  const bpf_program program = view();
  pcap_pkthdr header{};
  header.caplen = static_cast<bpf_u_int32>(frame.bytes.size());
  header.len = frame.wireLengthBytes;
  return pcap_offline_filter(&program, &header,
                             reinterpret_cast<const u_char*>(frame.bytes.data())) != 0;
}

}  // namespace vsdump
