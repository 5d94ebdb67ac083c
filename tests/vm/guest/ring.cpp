// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/vm/guest/ring.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace vsdump::guest {
namespace {

/// The same structure as a pointer into the memory that the device sees.
template <typename T>
T* structureIn(std::span<std::byte> bytes) {
  return reinterpret_cast<T*>(bytes.data());
}

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

}  // namespace

GuestMemory::GuestMemory(std::size_t size) {
  void* begin = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) {
    die("vhost_guest: cannot map the guest's memory");
  }
  bytes_ = {static_cast<std::byte*>(begin), size};
}

GuestMemory::~GuestMemory() {
  munmap(bytes_.data(), bytes_.size());
}

std::span<std::byte> GuestMemory::allocate(std::size_t size, std::size_t alignment) {
  const std::size_t begin = (used_ + alignment - 1) / alignment * alignment;
  if (begin + size > bytes_.size()) {
    std::fputs("vhost_guest: the guest's memory is too small for its rings\n", stderr);
    std::exit(1);
  }
  used_ = begin + size;
  return bytes_.subspan(begin, size);
}

std::uint64_t GuestMemory::physical(const void* address) const {
  return kPhysicalBase +
         static_cast<std::uint64_t>(static_cast<const std::byte*>(address) - bytes_.data());
}

Ring::Ring(GuestMemory& memory, RingDirection direction, std::uint16_t size, std::size_t bufferSize)
    : direction_(direction),
      size_(size),
      descriptors_(structureIn<vring_desc>(memory.allocate(sizeof(vring_desc) * size, 16))),
      available_(structureIn<vring_avail>(
          memory.allocate(sizeof(vring_avail) + sizeof(std::uint16_t) * (size + 1U), 2))),
      used_(structureIn<vring_used>(memory.allocate(
          sizeof(vring_used) + sizeof(vring_used_elem) * size + sizeof(std::uint16_t), 4))) {
  for (std::uint16_t index = 0; index < size; ++index) {
    buffers_.push_back(memory.allocate(bufferSize, 16));
    descriptors_[index].addr = memory.physical(buffers_.back().data());
    descriptors_[index].flags = direction == RingDirection::FromDevice ? VRING_DESC_F_WRITE : 0;
    free_.push_back(index);
  }
  std::reverse(free_.begin(), free_.end());
}

std::uint16_t Ring::takeFree() {
  const std::uint16_t index = free_.back();
  free_.pop_back();
  return index;
}

void Ring::publish(std::uint16_t index, std::size_t length) {
  descriptors_[index].len = static_cast<std::uint32_t>(length);
  std::atomic_ref<std::uint16_t> next(available_->idx);
  const std::uint16_t place = next.load(std::memory_order_relaxed);
  available_->ring[place % size_] = index;
  // The device must see the descriptor before the index that makes it visible.
  next.store(static_cast<std::uint16_t>(place + 1), std::memory_order_release);
}

void Ring::push(std::span<const std::byte> bytes) {
  const std::uint16_t index = takeFree();
  std::copy(bytes.begin(), bytes.end(), buffers_[index].begin());
  publish(index, bytes.size());
}

void Ring::post() {
  const std::uint16_t index = takeFree();
  publish(index, buffers_[index].size());
}

std::optional<std::span<const std::byte>> Ring::take() {
  const std::uint16_t end =
      std::atomic_ref<std::uint16_t>(used_->idx).load(std::memory_order_acquire);
  if (taken_ == end) {
    return std::nullopt;
  }
  const vring_used_elem element = used_->ring[taken_ % size_];
  ++taken_;
  const auto index = static_cast<std::uint16_t>(element.id);
  free_.push_back(index);
  const std::size_t written = direction_ == RingDirection::FromDevice ? element.len : 0;
  return buffers_[index].first(std::min(written, buffers_[index].size()));
}

}  // namespace vsdump::guest
