// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "dissector/wire/bytes.h"

namespace vsdump::payload {

/// A field of a protobuf message as it is on the wire.
struct ProtobufField {
  std::uint32_t number = 0;
  bool isBytes = false;     ///< text, bytes or a message, in `bytes`; otherwise in `value`
  std::uint64_t value = 0;  ///< of a varint, or of 4 or 8 bytes
  Bytes bytes{};
};

/// Reads the fields of a protobuf message one after the other. Whatever the bytes, it ends: at the
/// end of the message, or where they are no protobuf.
///
/// **Source** the encoding that protobuf documents: a varint of (number << 3 | wire type), then a
/// varint, 8 bytes, a varint length and so many bytes, or 4 bytes, for the wire types 0, 1, 2, 5.
class ProtobufReader {
 public:
  explicit ProtobufReader(Bytes message) : rest_(message) {}

  std::optional<ProtobufField> next();
  /// Whether all that was read so far was well formed.
  bool isWell() const { return isWell_; }

 private:
  std::optional<std::uint64_t> varint();

  Bytes rest_;
  bool isWell_ = true;
};

/// The field at a path: the numbers of the messages that hold it, and its own. The first one where
/// a field repeats, as people want to see the first word of a command.
std::optional<ProtobufField> protobufField(Bytes message, std::span<const std::uint8_t> path);

}  // namespace vsdump::payload
