// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/input_buffer.h"

#include <algorithm>
#include <cstring>

namespace vsdump {

namespace {

/// Bytes of one read. Large enough that the system call costs nothing, small enough that the bytes
/// are still in the processor's cache when they are looked at.
constexpr std::size_t kReadSize = 256 * 1024;

}  // namespace

Result<Chunk> InputBuffer::fill(std::size_t wanted) {
  const std::size_t kept = end_ - begin_;
  const std::size_t readSize = std::max(kReadSize, wanted - std::min(wanted, kept));
  if (kept + readSize > capacity_) {
    // In whole steps, so that a remainder that varies from read to read does not grow it each time.
    capacity_ = (kept + readSize + kReadSize - 1) / kReadSize * kReadSize;
    auto memory = std::make_unique_for_overwrite<std::byte[]>(capacity_);
    if (kept > 0) std::memcpy(memory.get(), memory_.get() + begin_, kept);
    memory_ = std::move(memory);
  } else if (kept > 0 && begin_ > 0) {
    std::memmove(memory_.get(), memory_.get() + begin_, kept);
  }
  offset_ += begin_;
  begin_ = 0;
  end_ = kept;
  auto chunk = stream_->read({memory_.get() + end_, readSize});
  if (chunk) end_ += chunk->size;
  return chunk;
}

}  // namespace vsdump
