// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#define VIRTIO_RING_NO_LEGACY  // the rest is not C++
#include <linux/virtio_ring.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace vsdump::guest {

/// Memory that the device may read and write, as a virtual machine's memory would be.
///
/// **Lifetime** Rings and their buffers live in it and must not outlive it.
class GuestMemory {
 public:
  explicit GuestMemory(std::size_t size);
  ~GuestMemory();
  GuestMemory(const GuestMemory&) = delete;
  GuestMemory& operator=(const GuestMemory&) = delete;

  /// Zeroed bytes that nobody else has; the program ends if none are left.
  std::span<std::byte> allocate(std::size_t size, std::size_t alignment);

  /// The address by which the device knows a byte of this memory.
  std::uint64_t physical(const void* address) const;

  std::span<std::byte> bytes() const { return bytes_; }
  static constexpr std::uint64_t kPhysicalBase = 0x100000;

 private:
  std::span<std::byte> bytes_;
  std::size_t used_ = 0;
};

/// Which way a ring's buffers go.
enum class RingDirection { ToDevice, FromDevice };

/// A split virtqueue whose descriptors each own one buffer.
///
/// **Source** Virtual I/O Device (VIRTIO) 1.2, 2.7 Split Virtqueues; linux/virtio_ring.h.
/// **Threads** One thread here, the device on the other side.
class Ring {
 public:
  /// `size` is a power of two; each buffer has `bufferSize` bytes.
  Ring(GuestMemory& memory, RingDirection direction, std::uint16_t size, std::size_t bufferSize);

  /// Whether a buffer is free to be handed over.
  bool hasFree() const { return !free_.empty(); }

  /// Hands `bytes` over to the device. There must be a free buffer, and it must hold them.
  void push(std::span<const std::byte> bytes);

  /// Hands an empty buffer over for the device to fill. There must be a free one.
  void post();

  /// The bytes of the next buffer that the device has given back, if any: what it wrote
  /// (FromDevice) or nothing (ToDevice). They are valid until the next push() or post().
  std::optional<std::span<const std::byte>> take();

  std::uint16_t size() const { return size_; }
  const vring_desc* descriptors() const { return descriptors_; }
  const vring_avail* available() const { return available_; }
  const vring_used* used() const { return used_; }

 private:
  std::uint16_t takeFree();
  void publish(std::uint16_t index, std::size_t length);

  RingDirection direction_;
  std::uint16_t size_;
  std::vector<std::span<std::byte>> buffers_;
  std::vector<std::uint16_t> free_;
  vring_desc* descriptors_;
  vring_avail* available_;
  vring_used* used_;
  std::uint16_t taken_ = 0;
};

}  // namespace vsdump::guest
