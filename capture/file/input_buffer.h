// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capture/file/byte_stream.h"

namespace vsdump {

/// What a read grows to while each brings as much as there is room for, in bytes. Large enough that
/// connections which two threads follow in turn do not move from one processor's cache to the
/// other's too often.
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr std::size_t kLargestReadSize = std::size_t{512} * 1024;
#else
// So that a short file is many reads.
inline constexpr std::size_t kLargestReadSize = 512;
#endif

/// A window that slides over a ByteStream: what is in it is read in place, then consumed.
///
/// It holds what one read brought, and grows only as far as the caller asks for one record.
///
/// **Threads** One at a time, but for prefetch().
class InputBuffer {
 public:
  /// `wait` is how wait() sleeps: by itself without, until there is more.
  explicit InputBuffer(std::unique_ptr<ByteStream> stream, StreamWait wait = {});

  /// The bytes at hand.
  /// **Lifetime** Valid, consumed or not, until the second call of fill() from here on.
  std::span<const std::byte> bytes() const { return bytes_; }

  void consume(std::size_t count) { bytes_ = bytes_.subspan(count); }

  /// How many bytes of the stream come before bytes().
  std::uint64_t offset() const { return endOffset_ - bytes_.size(); }

  /// Drops what was consumed and reads once more, into room for at least `wanted` bytes in all.
  /// The chunk's size is what came on top of bytes(): also 0 with More, where the read has passed
  /// damage and the bytes go on.
  Result<Chunk> fill(std::size_t wanted);

  /// After fill() told of damage with bytes behind that are apart: drops those before it, so that
  /// fill() goes on behind it.
  void resume();

  /// Damage that was passed.
  struct Damage {
    std::string problem;
    std::uint64_t offset = 0;  ///< of the first byte behind it
  };
  /// Which that is since the last call.
  std::vector<Damage> takeDamages() { return std::exchange(damages_, {}); }

  /// Which memory the last fill() has filled, for prefetch().
  std::size_t place() const { return current_; }

  /// Reads what the fill() after the next one is likely to want, where much comes and the stream
  /// can be read at two places at once. `place` is that of the last fill().
  ///
  /// **Threads** beside the next fill(), and over before the one after it.
  void prefetch(std::size_t place);

  /// Reads, and waits for more, until `size` bytes are at hand or the input is over. Returns what
  /// is wrong with it when it is damaged before that, else nothing.
  Result<std::string> fillTo(std::size_t size, const std::string& name);

  /// fillTo() where nothing is read yet: passes damage that has bytes behind, as long as they are
  /// too few before it.
  Result<std::string> fillStart(std::size_t size, const std::string& name);

  /// Sleeps until the stream, which was Waiting, has more to give. `name` is what messages call it.
  /// **Errors** Io where the StreamWait gives up.
  Result<void> wait(const std::string& name) const;

  const ByteStream& stream() const { return *stream_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory{};
    std::size_t capacity = 0;
    std::optional<std::uint64_t> nextButOne{};  ///< where the fill() after the next one will read
    std::uint64_t fetchedFrom = 0;              ///< what prefetch() has brought
    std::size_t fetched = 0;
  };

  Result<Chunk> fillOn(std::size_t lacking);
  std::size_t roomBehind() const;
  Result<Chunk> take(Result<Chunk> chunk);
  Result<Chunk> fillOrWait(std::size_t size, const std::string& name);
  void pass(std::string problem);

  /// Memory for reading so much behind what is kept of the block before.
  static std::byte* roomIn(Block& block, std::size_t kept, std::size_t size);

  std::unique_ptr<ByteStream> stream_;
  StreamWait wait_;
  /// Filled in turn: what the current one holds outlives a fill, while prefetch() fills the one
  /// after the next, in which nothing is needed any more.
  std::array<Block, 4> blocks_;
  std::size_t current_ = 0;
  std::size_t readSize_;
  std::span<const std::byte> bytes_{};
  std::uint64_t endOffset_ = 0;  ///< of bytes_ in the stream
  std::vector<Damage> damages_;
};

}  // namespace vsdump
