// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

struct pcap;

namespace vsdump {

struct PcapClose {
  void operator()(pcap* handle) const noexcept;
};
using PcapHandle = std::unique_ptr<pcap, PcapClose>;

/// One entry of a list that a person chooses from: -L, -J.
struct NamedChoice {
  std::string name;
  std::string description;
};

}  // namespace vsdump
