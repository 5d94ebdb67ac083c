// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "capture/error.h"
#include "capture/file/descriptor.h"

namespace vsdump::gui {

/// The bytes of all packets of a trace, on disk, to be read again in any order.
///
/// Packets of a plain capture file stay where they are; what comes compressed, through a pipe or
/// from a device is copied to a temporary file that has no name and goes away with the program.
///
/// **Threads** one appends; any may read what was flushed before they were told of it.
class FrameStore {
 public:
  /// Reads from a capture file that is open. It must not change meanwhile, but may grow.
  static std::shared_ptr<FrameStore> ofFile(Descriptor file);

  /// A new temporary file in `folder`. **Errors** in the system's words.
  static Result<std::shared_ptr<FrameStore>> spool(const std::string& folder);

  /// Takes a copy of the bytes and returns where they are. For spools only.
  /// **Errors** Io: the disk is full.
  Result<std::uint64_t> append(std::span<const std::byte> bytes);

  /// Makes all that was appended readable.
  Result<void> flush();

  /// Reads up to `out.size()` bytes from `offset` on; returns how many there are.
  std::size_t read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  FrameStore(Descriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Descriptor file_;
  std::string name_;
  std::vector<std::byte> pending_;
  std::uint64_t written_ = 0;
};

}  // namespace vsdump::gui
