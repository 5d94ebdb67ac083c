// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vsdump {

/// A process that runs a virtual machine with a vsock device.
struct VirtualMachine {
  int process = 0;
  std::string program;               ///< "qemu", "firecracker", ...
  std::optional<std::uint64_t> cid;  ///< the guest's, where the command line tells it
  /// Whether its traffic passes the kernel here (vhost_vsock). That of a vsock device which the
  /// program itself plays can be seen inside the guest only.
  bool isSeenHere = false;
};

struct VirtualMachines {
  std::vector<VirtualMachine> found;  ///< by process
  bool isComplete = true;             ///< false where descriptors of some could not be looked at
};

/// The virtual machines among the processes below `root`/proc: those that hold /dev/vhost-vsock
/// open, those whose command line asks for QEMU's vsock device, and programs that play one
/// themselves, known by their name or by libkrun.so in their memory.
VirtualMachines findVirtualMachines(const std::string& root);

}  // namespace vsdump
