// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "capture/error.h"
#include "gui/models/trace.h"

namespace vsdump::gui {

/// Payload that one packet brought, fit to show.
struct StreamPiece {
  Row packet;
  Direction direction;
  QString text;  ///< escaped, or a hex dump; ends with a new line
};

/// Lines of sixteen bytes: offset, hexadecimal, and what of it is ASCII.
QString hexDump(Bytes bytes, std::uint64_t firstOffset);

enum class StreamForm { Text, Hex, Messages };

/// What passed on one connection.
struct StreamContents {
  std::vector<StreamPiece> pieces;
  std::uint64_t bytes = 0;       ///< in all, both ways
  std::uint64_t shownBytes = 0;  ///< in `pieces`
  std::size_t messages = 0;      ///< in all, where messages are shown
  std::size_t shownMessages = 0;
};

/// How much of a stream is shown: what a text widget takes without a noticeable wait.
struct StreamBounds {
  std::uint64_t bytes = 256 * 1024;
  std::size_t pieces = 4000;
};

/// The payload of a connection, whose packets these are, both ways, from its beginning up to a
/// bound.
StreamContents streamOf(const Trace& trace, const Rows& rows, StreamForm form,
                        StreamBounds bounds = {});

/// Writes the payload bytes of one direction, exactly; bytes that the capture has lost are missing.
/// Nothing is left of a file that was stopped or failed.
/// **Errors** Io in the system's words.
Result<void> saveStream(const Trace& trace, ConnectionId connection, Direction direction,
                        const std::string& path, const std::stop_token& stop);

}  // namespace vsdump::gui
