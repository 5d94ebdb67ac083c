// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "capture/error.h"
#include "dissector/wire/frame.h"

struct bpf_program;

namespace vsdump {

/// A filter in libpcap's language on whole records, run in user space: `less N`, `greater N`,
/// relations on `len`, and `link[a:b]`. libpcap has no vsock primitives.
class PacketFilter {
 public:
  /// **Errors** Usage with libpcap's words when the expression does not compile.
  static Result<PacketFilter> compile(const std::string& expression,
                                      std::uint32_t snapshotLengthBytes, bool optimize);

  bool matches(const Frame& frame) const;

 private:
  struct Free {
    void operator()(bpf_program* program) const noexcept;
  };
  explicit PacketFilter(std::unique_ptr<bpf_program, Free> program);

  std::unique_ptr<bpf_program, Free> program_;
};

/// What to say when libpcap refuses an expression.
Error filterError(const std::string& expression, const std::string& reason);

}  // namespace vsdump
