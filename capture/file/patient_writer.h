// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "capture/error.h"
#include "capture/file/descriptor.h"

namespace vsdump {

/// Whether all who write in this process wait for their readers for ever, as they do at first, or
/// give up after a second in which nothing is read.
///
/// **Threads** for any, and for signal handlers.
void limitPatience(bool isLimited);
bool isPatienceLimited();

/// Returns once the descriptor takes something or fails, or patience is at its end: then false.
bool awaitRoom(int descriptor);

/// The same pipe, FIFO or terminal, opened once more: its writes return where there is no room,
/// while they go on to wait for others who have it. None where it is something else, or the system
/// refuses.
///
/// **Threads** before the sandbox, as it opens a file.
Descriptor openWithoutWaiting(int descriptor);

/// Writes to a descriptor whose reader may stall. It is a fast one if it is of
/// openWithoutWaiting(): to a pipe that waits it writes in small pieces.
///
/// **Lifetime** the descriptor stays the caller's.
class PatientWriter {
 public:
  explicit PatientWriter(int descriptor);

  /// Writes both, and takes from them what was written. Returns 0, errno's value, or kGaveUp.
  int write(std::span<const std::byte>& first, std::span<const std::byte>& second);

  /// The reader has stalled: from then on nothing more is written, or there would be a gap.
  static constexpr int kGaveUp = -1;

 private:
  enum class Way : std::uint8_t { Whole, SmallPieces, Socket };

  ssize_t put(std::span<const std::byte> first, std::span<const std::byte> second) const;

  int descriptor_;
  Way way_ = Way::Whole;
  bool hasGivenUp_ = false;
};

/// Why PatientWriter::write() has failed.
Error writeError(std::string name, int problem);

}  // namespace vsdump
