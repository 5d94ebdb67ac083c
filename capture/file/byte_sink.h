// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "capture/error.h"

namespace vsdump {

/// Bytes on their way into a file: a descriptor, or a compressor before one.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  /// Takes all of `first` and then of `second`, which end with a whole record or, where
  /// takesPieces() says so, anywhere.
  /// **Errors** Io; then only readableBytes() and cutBack() may be called.
  virtual Result<void> write(std::span<const std::byte> first,
                             std::span<const std::byte> second) = 0;

  /// Whether records may come in pieces, which spares a copy of them.
  virtual bool takesPieces() const { return false; }

  /// Hands everything taken to the system in a form that can be read back.
  /// **Errors** Io; NotFound when a file has been removed, so that nobody can.
  virtual Result<void> flush() = 0;

  /// Flushes and closes.
  virtual Result<void> close() = 0;

  /// How many of the bytes taken, from the first on, can be read back from what the system has
  /// taken so far, or could be after cutBack().
  virtual std::uint64_t readableBytes() const = 0;

  /// Cuts the file back so that it holds the first `bytes` of the bytes taken and no more. `bytes`
  /// is readableBytes() or less. Returns how many it holds then, fewer only where the system has
  /// given the room for them away; nothing if the file cannot be cut: a pipe cannot.
  virtual std::optional<std::uint64_t> cutBack(std::uint64_t bytes) = 0;

  /// As PacketWriter::pollDescriptor().
  virtual std::optional<int> pollDescriptor() const { return std::nullopt; }
};

}  // namespace vsdump
