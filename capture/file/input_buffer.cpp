// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/input_buffer.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vsdump {

namespace {

/// Bytes of one read. Large enough that the system call costs nothing, small enough that the bytes
/// are still in the processor's cache when they are looked at.
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr std::size_t kReadSize = 1024 * 1024;
#else
constexpr std::size_t kReadSize =
    1024;  // so that there are many reads, and a fuzzer does not wait for memory
#endif

}  // namespace

Result<Chunk> InputBuffer::fill(std::size_t wanted) {
  const std::size_t kept = end_ - begin_;
  const std::size_t readSize = std::max(kReadSize, wanted - std::min(wanted, kept));
  Block& next = blocks_[1 - current_];
  if (kept + readSize > next.capacity) {
    // In whole steps, so that a remainder that varies from read to read does not grow it each time.
    next.capacity = (kept + readSize + kReadSize - 1) / kReadSize * kReadSize;
    next.memory = std::make_unique_for_overwrite<std::byte[]>(next.capacity);
  }
  if (kept > 0) std::memcpy(next.memory.get(), bytes().data(), kept);
  current_ = 1 - current_;
  offset_ += begin_;
  begin_ = 0;
  end_ = kept;
  auto chunk = stream_->read({next.memory.get() + end_, readSize});
  if (chunk) end_ += chunk->size;
  return chunk;
}

Result<std::string> InputBuffer::fillTo(std::size_t size, const std::string& name) {
  while (bytes().size() < size) {
    auto chunk = fill(size);
    if (!chunk) return tl::unexpected(std::move(chunk.error()));
    if (chunk->state == SourceState::Damaged) return std::move(chunk->problem);
    if (chunk->state == SourceState::End) break;
    if (chunk->state == SourceState::Waiting) {
      auto waited = wait(name);
      if (!waited) return tl::unexpected(std::move(waited.error()));
    }
  }
  return std::string();
}

Result<void> InputBuffer::wait(const std::string& name) const {
  constexpr int kForever = -1;
  constexpr int kGrowingFilePollMs = 100;
  const auto descriptor = stream_->pollDescriptor();
  pollfd ready{.fd = descriptor.value_or(-1), .events = POLLIN, .revents = 0};
  if (::poll(&ready, 1, descriptor ? kForever : kGrowingFilePollMs) < 0) {
    return tl::unexpected(systemError("read", name, errno));
  }
  return {};
}

}  // namespace vsdump
