// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/filter/filter.h"

namespace vsdump {

/// What the kernel may decide of a filter.
enum class KernelScope {
  /// Each packet for itself: nobody looks at what is filtered out.
  Packets,
  /// Only what keeps or drops whole connections, which analysis needs unharmed: `cid`, `port`,
  /// `conn` and `type`.
  Connections,
};

/// A filter in two stages.
struct SplitFilter {
  filter::Filter kernel;  ///< lets pass what the whole filter may match, and perhaps more
  bool isDecided = true;  ///< whether the kernel's part is the whole filter
};

SplitFilter kernelPart(const filter::Filter& filter, KernelScope scope);

}  // namespace vsdump
