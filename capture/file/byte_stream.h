// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "capture/error.h"
#include "capture/source.h"

namespace vsdump {

/// What a ByteStream has behind damage.
enum class Behind {
  Nothing,  ///< it is over
  Joined,   ///< what continues the bytes before, of which some may be wrong
  Apart,    ///< bytes that do not continue those before: some are missing between them
};

/// What one read of a ByteStream brought.
struct Chunk {
  std::size_t size = 0;                   ///< bytes stored; not 0 with More, else 0
  SourceState state = SourceState::More;  ///< what the stream is at
  std::string problem{};                  ///< with Damaged: what is wrong, without a full stop
  Behind behind = Behind::Nothing;        ///< with Damaged: what resume() goes on to
};

/// Sleeps until a stream that was Waiting may have more: until there is something to read from its
/// pollDescriptor(), or for a moment where it has none. False gives up.
using StreamWait = std::function<bool(std::optional<int> descriptor)>;

/// Bytes from front to back: a descriptor, or the decompressed form of another stream.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Stores what is at hand, at most `into.size()` bytes (which is not 0), and does not wait for
  /// more. What stands before damage is handed out first. Damage is told again until resume().
  /// **Errors** Io when the system refuses to read.
  virtual Result<Chunk> read(std::span<std::byte> into) = 0;

  /// After Damaged with something behind: goes on to that.
  virtual void resume() {}

  /// Stores what the stream has from a place on, without moving on to there, and returns how many
  /// bytes these are: none where a stream can be read from front to back only, and where there is
  /// nothing. `offset` counts from the first byte that read() gives.
  /// **Threads** beside anything else.
  virtual std::size_t readAt(std::uint64_t /*offset*/, std::span<std::byte> /*into*/) const {
    return 0;
  }

  /// Passes over bytes that readAt() has brought.
  virtual void skip(std::size_t) {}

  /// As PacketSource::pollDescriptor().
  virtual std::optional<int> pollDescriptor() const { return std::nullopt; }

  /// As PacketSource::progress().
  virtual std::optional<double> progress() const { return std::nullopt; }
};

}  // namespace vsdump
