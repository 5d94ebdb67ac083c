// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/input_buffer.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vsdump {

namespace {

/// Small files need no large memory.
constexpr std::size_t kFirstReadSize = kLargestReadSize / 8;
/// What is kept of the block before stands in front of what is read; mostly it has room here.
constexpr std::size_t kMargin = 2 * kFirstReadSize;
/// Only single records are larger.
constexpr std::size_t kLargeBlock = 4 * kLargestReadSize;
/// More damage than this, with nothing between that anybody takes, is not kept one by one.
constexpr std::size_t kMostDamages = 1000;

bool waitForEver(std::optional<int> descriptor) {
  constexpr int kForever = -1;
  constexpr int kGrowingFilePollMs = 100;
  pollfd ready{.fd = descriptor.value_or(-1), .events = POLLIN, .revents = 0};
  // What else wakes it, as a signal, finds the stream Waiting again.
  ::poll(&ready, 1, descriptor ? kForever : kGrowingFilePollMs);
  return true;
}

}  // namespace

InputBuffer::InputBuffer(std::unique_ptr<ByteStream> stream, StreamWait wait)
    : stream_(std::move(stream)),
      wait_(wait ? std::move(wait) : waitForEver),
      readSize_(kFirstReadSize) {}

Result<Chunk> InputBuffer::fill(std::size_t wanted) {
  const std::size_t kept = bytes_.size();
  const std::size_t lacking = wanted - std::min(wanted, kept);
  if (kept > kMargin && lacking > 0 && lacking <= roomBehind()) return fillOn(lacking);
  current_ = (current_ + 1) % blocks_.size();
  Block& block = blocks_[current_];
  // Of the one before the last nothing is needed any more.
  Block& stale = blocks_[(current_ + 2) % blocks_.size()];
  if (stale.capacity > kLargeBlock) stale = {};
  Result<Chunk> chunk;
  std::byte* room = nullptr;
  if (block.fetched > 0 && block.fetchedFrom == endOffset_ && kept <= kMargin) {
    room = roomIn(block, kept, block.fetched);
    chunk = Chunk{.size = block.fetched};
    stream_->skip(block.fetched);
  } else {
    const std::size_t readSize = std::max(readSize_, lacking);
    room = roomIn(block, kept, readSize);
    chunk = stream_->read({room, readSize});
    if (chunk && chunk->size == readSize) readSize_ = std::min(2 * readSize_, kLargestReadSize);
  }
  block.fetched = 0;
  if (kept > 0) std::memcpy(room - kept, bytes_.data(), kept);
  bytes_ = {room - kept, kept};
  return take(std::move(chunk));
}

/// Reads on behind what is there of a large record, which has room and is not copied each time.
Result<Chunk> InputBuffer::fillOn(std::size_t lacking) {
  std::byte* const end = blocks_[current_].memory.get() + blocks_[current_].capacity;
  const std::size_t readSize = std::min(std::max(readSize_, lacking), roomBehind());
  return take(stream_->read({end - roomBehind(), readSize}));
}

/// Bytes that have room behind bytes() in their block.
std::size_t InputBuffer::roomBehind() const {
  const Block& block = blocks_[current_];
  const std::byte* const end = block.memory.get() + block.capacity;
  return static_cast<std::size_t>(end - (bytes_.data() + bytes_.size()));
}

/// Adds what was read behind bytes() to them.
Result<Chunk> InputBuffer::take(Result<Chunk> chunk) {
  Block& block = blocks_[current_];
  const std::size_t size = chunk ? chunk->size : 0;
  bytes_ = {bytes_.data(), bytes_.size() + size};
  endOffset_ += size;
  block.nextButOne = size == kLargestReadSize ? std::optional(endOffset_ + size) : std::nullopt;
  if (chunk && chunk->behind == Behind::Joined) {
    pass(std::move(chunk->problem));
    return Chunk{};
  }
  return chunk;
}

void InputBuffer::resume() {
  consume(bytes_.size());
  stream_->resume();
}

void InputBuffer::pass(std::string problem) {
  if (damages_.size() < kMostDamages) {
    damages_.push_back({.problem = std::move(problem), .offset = endOffset_});
  }
  stream_->resume();
}

void InputBuffer::prefetch(std::size_t place) {
  const std::optional<std::uint64_t> from = blocks_[place].nextButOne;
  if (!from) return;
  Block& block = blocks_[(place + 2) % blocks_.size()];
  std::byte* const room = roomIn(block, 0, kLargestReadSize);
  block.fetchedFrom = *from;
  block.fetched = stream_->readAt(*from, {room, kLargestReadSize});
}

std::byte* InputBuffer::roomIn(Block& block, std::size_t kept, std::size_t size) {
  const std::size_t front = std::max(kept, kMargin);
  if (front + size > block.capacity) {
    // In whole steps, so that a remainder that varies from read to read does not grow it each time.
    block.capacity = (front + size + kFirstReadSize - 1) / kFirstReadSize * kFirstReadSize;
    block.memory = std::make_unique_for_overwrite<std::byte[]>(block.capacity);
  }
  return block.memory.get() + front;
}

Result<std::string> InputBuffer::fillTo(std::size_t size, const std::string& name) {
  auto last = fillOrWait(size, name);
  if (!last) return tl::unexpected(std::move(last.error()));
  return std::move(last->problem);
}

Result<std::string> InputBuffer::fillStart(std::size_t size, const std::string& name) {
  while (true) {
    auto last = fillOrWait(size, name);
    if (!last) return tl::unexpected(std::move(last.error()));
    if (last->behind != Behind::Apart) return std::move(last->problem);
    consume(bytes_.size());
    pass(std::move(last->problem));
  }
}

/// Returns what the last read brought.
Result<Chunk> InputBuffer::fillOrWait(std::size_t size, const std::string& name) {
  while (bytes().size() < size) {
    auto chunk = fill(size);
    if (!chunk || chunk->state == SourceState::End || chunk->state == SourceState::Damaged) {
      return chunk;
    }
    if (chunk->state == SourceState::Waiting) {
      auto waited = wait(name);
      if (!waited) return tl::unexpected(std::move(waited.error()));
    }
  }
  return Chunk{};
}

Result<void> InputBuffer::wait(const std::string& name) const {
  if (wait_(stream_->pollDescriptor())) return {};
  return tl::unexpected(systemError("read", name, EINTR));
}

}  // namespace vsdump
