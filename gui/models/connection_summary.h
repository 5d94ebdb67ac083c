// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dissector/connection/connection.h"
#include "dissector/names/service_lookup.h"

namespace vsdump::gui {

/// What the window shows of a connection, as of the newest packet that was read.
struct ConnectionSummary {
  struct Way {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  ///< of payload
  };

  ConnectionSummary(const Connection& connection, ServiceName name) : service(name) {
    update(connection);
  }

  void update(const Connection& connection);

  Address client;
  Address server;
  std::array<Way, 2> ways{};  ///< by Direction
  std::int64_t startNs = 0;
  std::int64_t endNs = 0;  ///< of the newest packet
  std::optional<std::int64_t> handshakeNs;
  std::uint64_t findings = 0;  ///< a bit for each FindingCode
  std::int64_t stalledNs = 0;  ///< in all, both ways
  std::uint32_t stalls = 0;
  ServiceName service;  ///< of the built-in table, so it lasts
  ConnectionId id = kNoConnection;
  VirtioType type{};
  ConnectionState state{};
  Side endedBy{};
  bool isPartial = false;
  bool isLoopback = false;  ///< both ends are of CID 1
};

}  // namespace vsdump::gui
