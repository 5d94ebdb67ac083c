// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <pcap/pcap.h>

#include <vector>

#include "dissector/wire/frame.h"

namespace vsdump {

/// A program for the kernel's packet filter, in classic BPF. Never empty.
class FilterProgram {
 public:
  explicit FilterProgram(std::vector<bpf_insn> instructions)
      : instructions_(std::move(instructions)) {}

  const std::vector<bpf_insn>& instructions() const { return instructions_; }

  /// For libpcap and the kernel. **Lifetime** borrows the instructions.
  bpf_program view() const;

  /// Runs it here, by libpcap's interpreter.
  bool accepts(const Frame& frame) const;

 private:
  std::vector<bpf_insn> instructions_;
};

}  // namespace vsdump
