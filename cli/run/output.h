// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "capture/error.h"
#include "capture/file/descriptor.h"
#include "capture/file/patient_writer.h"
#include "cli/text/line_buffer.h"

namespace vsdump {

/// Text on its way to a descriptor: filled by printers, written in large pieces. What was not
/// flushed at the end is lost.
///
/// A reader that goes away is no error: closed() then says so and nothing more is written. One that
/// stalls is waited for as PatientWriter does.
///
/// **Threads** one at a time; closed() for any.
class Output {
 public:
  /// **Lifetime** the descriptor stays the caller's; what it stands for is open as long as this,
  /// too. `name` is for messages: "standard output".
  /// **Threads** before the sandbox, as it may open a file.
  Output(int descriptor, std::string name);

  LineBuffer& buffer() { return buffer_; }

  /// Writes everything.
  /// **Errors** Io.
  Result<void> flush() { return write({}); }

  /// Writes everything once a good deal has come together.
  /// **Errors** Io.
  Result<void> flushIfLarge() { return buffer_.size() < kLargeBytes ? Result<void>{} : flush(); }

  /// Takes a text that comes behind the buffer's, and clears it: writes both once a good deal has
  /// come together.
  /// **Errors** Io.
  Result<void> take(LineBuffer& text);

  bool closed() const { return isClosed_.load(std::memory_order_relaxed); }

 private:
  /// So large that a system call costs nothing.
  static constexpr std::size_t kLargeBytes = std::size_t{64} * 1024;

  Result<void> write(std::string_view behind);

  Descriptor own_;
  PatientWriter writer_;
  std::string name_;
  LineBuffer buffer_;
  std::uint64_t written_ = 0;
  std::atomic<bool> isClosed_ = false;
};

}  // namespace vsdump
