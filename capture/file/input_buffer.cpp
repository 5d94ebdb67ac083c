// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/input_buffer.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vsdump {

namespace {

/// Bytes of the first read, and what one grows to while each brings as much as there is room for.
/// Large enough then that connections which two threads follow in turn do not move from one
/// processor's cache to the other's too often; small files need no large memory.
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr std::size_t kFirstReadSize = std::size_t{64} * 1024;
#else
// So that a short file is several reads.
constexpr std::size_t kFirstReadSize = 1024;
#endif
constexpr std::size_t kLargestReadSize = std::size_t{512} * 1024;

}  // namespace

InputBuffer::InputBuffer(std::unique_ptr<ByteStream> stream)
    : stream_(std::move(stream)), readSize_(kFirstReadSize) {}

Result<Chunk> InputBuffer::fill(std::size_t wanted) {
  const std::size_t kept = end_ - begin_;
  const std::size_t readSize = std::max(readSize_, wanted - std::min(wanted, kept));
  const std::size_t nextIndex = (current_ + 1) % blocks_.size();
  Block& next = blocks_[nextIndex];
  if (kept + readSize > next.capacity) {
    // In whole steps, so that a remainder that varies from read to read does not grow it each time.
    next.capacity = (kept + readSize + readSize_ - 1) / readSize_ * readSize_;
    next.memory = std::make_unique_for_overwrite<std::byte[]>(next.capacity);
  }
  if (kept > 0) std::memcpy(next.memory.get(), bytes().data(), kept);
  current_ = nextIndex;
  offset_ += begin_;
  begin_ = 0;
  end_ = kept;
  auto chunk = stream_->read({next.memory.get() + end_, readSize});
  if (!chunk) return chunk;
  end_ += chunk->size;
  if (chunk->size == readSize) readSize_ = std::min(2 * readSize_, kLargestReadSize);
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
