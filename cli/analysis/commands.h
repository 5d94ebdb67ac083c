// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "capture/error.h"
#include "cli/options/options.h"
#include "dissector/connection/finding.h"

namespace vsdump {

/// vsdump connections: a row for each connection. Each of these returns the exit code.
Result<int> runConnections(const Options& options);

/// vsdump report: what was found, worst first.
Result<int> runReport(const Options& options);

/// vsdump follow ID: the payload of a connection.
Result<int> runFollow(const Options& options);

/// vsdump messages: the requests and replies of payload protocols.
Result<int> runMessages(const Options& options);

/// vsdump follow ID --messages: those of one connection.
Result<int> followMessages(const Options& options, ConnectionId id);

/// vsdump stats: what passed in each interval.
Result<int> runStats(const Options& options);

}  // namespace vsdump
