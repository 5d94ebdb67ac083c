// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "capture/error.h"
#include "dissector/filter/filter.h"

namespace vsdump {

/// Hands on what a vsdump writes with -w - --time-stamp-precision=nano, packet by packet, without
/// those that a filter leaves out.
class RecordRelay {
 public:
  /// Takes bytes of the capture, and appends to `out` what is to be handed on.
  /// **Errors** BadInput: they are no capture of packets over vsock.
  Result<void> take(std::span<const std::byte> bytes, std::vector<std::byte>& out);

  /// What is handed on from here on.
  void select(filter::Filter filter) { filter_ = std::move(filter); }

  std::uint64_t packets() const { return packets_; }
  std::uint64_t handedOn() const { return handedOn_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::size_t takeRecord(std::span<const std::byte> bytes, std::vector<std::byte>& out);

  filter::Filter filter_;
  std::vector<std::byte> kept_;  ///< the beginning of a record
  bool hasHeader_ = false;
  std::uint64_t packets_ = 0;
  std::uint64_t handedOn_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace vsdump
