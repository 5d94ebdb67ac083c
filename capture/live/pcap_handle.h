// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "capture/error.h"
#include "capture/live/live_options.h"

struct pcap;

namespace vsdump {

struct PcapFree {
  void operator()(pcap* handle) const noexcept;
};
using PcapHandle = std::unique_ptr<pcap, PcapFree>;

/// One entry of a list that a person chooses from: -L, -J.
struct NamedChoice {
  std::string name;
  std::string description;
};

/// Opens and activates a device of the calling thread's network namespace. The handle does not
/// block and has no filter yet. What is worth knowing is added to `messages`.
///
/// **Errors** Permission (names the capability), Usage when the device is none for vsock.
Result<PcapHandle> openPcap(const std::string& device, const LiveOptions& options,
                            std::vector<std::string>& messages);

}  // namespace vsdump
