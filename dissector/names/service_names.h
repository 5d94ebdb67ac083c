// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/wire/types.h"
#include "dissector/wire/virtio.h"

namespace vsdump {

/// On whose side a service listens. The same port means different things on different sides.
enum class ListeningSide : std::uint8_t { Any, Host, Guest, Hypervisor };

/// The side that a CID listens on: Host for 2, Guest from 3 on, Hypervisor for 0, Any for
/// loopback, where host and guest services alike are tried out.
ListeningSide sideOf(Cid cid);

/// A range of ports on which something is known to listen.
///
/// **Lifetime** the strings live as long as the ServiceNames that handed the row out; those of
/// builtinServices() always.
struct Service {
  VirtioType type = VirtioType::Stream;
  Port first{};
  Port last{};
  ListeningSide side = ListeningSide::Any;
  std::string_view name;         ///< one word: "kata-agent"
  std::string_view description;  ///< may be empty
};

/// What comes with vsdump, by type and first port. Several services can share a port: the first of
/// them is the likeliest.
std::span<const Service> builtinServices();

/// A line of a ports file that was left out, and why.
struct ServiceFileProblem {
  std::size_t line = 0;  ///< counted from 1
  std::string message;   ///< a sentence without a full stop
};

/// The services by port: those that the user has named first, then the built-in ones.
///
/// **Threads** fill it first, then look up from any thread.
class ServiceNames {
 public:
  ServiceNames() = default;
  ServiceNames(const ServiceNames&) = delete;  // rows point into texts_
  ServiceNames& operator=(const ServiceNames&) = delete;
  ServiceNames(ServiceNames&&) = default;
  ServiceNames& operator=(ServiceNames&&) = default;

  /// Adds the rows of a ports file. A row is
  ///     NAME PORT[-PORT][/stream|/seqpacket|/dgram] [host|guest|hypervisor|any]   # DESCRIPTION
  /// with `stream` and `any` where nothing is said, and letters, digits and - _ . + in NAME; empty
  /// lines and comment lines are skipped. Later rows win over earlier ones, and files over the
  /// built-in table. Lines that cannot be read are left out and returned; the others are taken.
  std::vector<ServiceFileProblem> addFile(std::string_view text);

  /// The likeliest service that listens at `port` on `side`, or nullptr.
  const Service* find(VirtioType type, Port port, ListeningSide side) const;

  /// The rows that addFile() took, in the order of their precedence.
  std::span<const Service> userServices() const { return userServices_; }

 private:
  std::vector<std::vector<char>> texts_;  // moved as a whole, so views into them stay valid
  std::vector<Service> userServices_;
};

}  // namespace vsdump
