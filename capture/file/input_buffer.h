// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "capture/file/byte_stream.h"

namespace vsdump {

/// A window that slides over a ByteStream: what is in it is read in place, then consumed.
///
/// It holds what one read brought, and grows only as far as the caller asks for one record.
class InputBuffer {
 public:
  explicit InputBuffer(std::unique_ptr<ByteStream> stream);

  /// The bytes at hand.
  /// **Lifetime** Valid, consumed or not, until the second call of fill() from here on.
  std::span<const std::byte> bytes() const {
    return {blocks_[current_].memory.get() + begin_, end_ - begin_};
  }

  void consume(std::size_t count) { begin_ += count; }

  /// How many bytes of the stream come before bytes().
  std::uint64_t offset() const { return offset_ + begin_; }

  /// Drops what was consumed and reads once more, into room for at least `wanted` bytes in all.
  /// The chunk's size is what came on top of bytes().
  Result<Chunk> fill(std::size_t wanted);

  /// Reads, and waits for more, until `size` bytes are at hand or the input is over. Returns what
  /// is wrong with it when it is damaged before that, else nothing.
  Result<std::string> fillTo(std::size_t size, const std::string& name);

  /// Sleeps until the stream, which was Waiting, has more to give. `name` is what messages call it.
  /// **Errors** Io when a signal interrupts it.
  Result<void> wait(const std::string& name) const;

  const ByteStream& stream() const { return *stream_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t capacity = 0;
  };

  std::unique_ptr<ByteStream> stream_;
  std::array<Block, 2> blocks_;  ///< filled in turn, so that what one holds outlives a fill
  std::size_t current_ = 0;
  std::size_t readSize_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  ///< of the current block in the stream
};

}  // namespace vsdump
