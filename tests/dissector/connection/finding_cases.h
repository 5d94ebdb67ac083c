// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "tests/dissector/connection/conversation.h"

namespace vsdump::support {

/// A conversation that brings a finding, and one that is nearly the same and does not.
struct FindingCase {
  FindingCode code;
  std::function<void(Conversation&)> yields;
  std::function<void(Conversation&)> nearMiss;
  TrackerLimits limits{};
};

/// One for each finding and each anomaly of a record that is one.
std::vector<FindingCase> findingCases();

/// The receive buffer of a server whose window runs full.
inline constexpr std::uint32_t kSmallWindow = 4096;
/// Opens a connection and sends what such a window holds.
void fillWindow(Conversation& talk);

/// An RW of five bytes from the client to the server, as a kernel would record it.
RecordBuilder rw();
std::vector<std::byte> cutTo(std::vector<std::byte> bytes, std::size_t size);

}  // namespace vsdump::support
