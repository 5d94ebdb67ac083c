// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "capture/error.h"
#include "cli/text/line_buffer.h"

namespace vsdump {

/// Text on its way to a descriptor: filled by printers, written in large pieces.
///
/// A reader that goes away is no error: closed() then says so and nothing more is written.
class Output {
 public:
  /// **Lifetime** the descriptor stays the caller's. `name` is for messages: "standard output".
  Output(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  LineBuffer& buffer() { return buffer_; }

  /// Writes everything.
  Result<void> flush();

  /// Writes everything once a good deal has come together.
  Result<void> flushIfLarge() {
    if (buffer_.size() < kLargeBytes) return {};
    return flush();
  }

  bool closed() const { return isClosed_; }

 private:
  static constexpr std::size_t kLargeBytes = std::size_t{64} * 1024;

  int descriptor_;
  std::string name_;
  LineBuffer buffer_;
  bool isClosed_ = false;
};

}  // namespace vsdump
