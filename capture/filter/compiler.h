// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "capture/error.h"
#include "capture/filter/program.h"
#include "dissector/filter/filter.h"

namespace vsdump {

struct CompileOptions {
  /// What the program lets through of a packet that it accepts, and so what `caplen` is at most.
  std::uint32_t snapshotLengthBytes = 262144;
  /// Leave out tests whose outcome is known and loads of what is at hand already.
  bool optimize = true;
};

/// Makes a program that accepts the packets that the filter matches, and for whole packets no
/// others: `caplen` is what it will be once the packet is cut. What cannot be decided in the kernel
/// must be gone: see kernelPart().
///
/// **Errors** Usage when the program would be longer than the kernel takes, or computes with too
/// many numbers at once.
Result<FilterProgram> compile(const filter::Filter& filter, const CompileOptions& options = {});

}  // namespace vsdump
