// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "capture/error.h"
#include "capture/source.h"

namespace vsdump {

/// Where packets go to be kept: a capture file, or several one after the other.
///
/// Nothing but whole records reaches the file as long as the system takes what it is given. When it
/// does not (a full disk, a quota, a closed pipe), a regular file is cut back to the last packet
/// that is whole, the Error says how many packets it holds, and every later call repeats the Error.
///
/// **Threads** One thread at a time.
class PacketWriter {
 public:
  virtual ~PacketWriter() = default;

  /// The frames to come are of another source, whose interfaces are others.
  virtual void beginSource() {}

  /// Takes the interfaces of the source: all of them, each time some were added.
  virtual Result<void> describe(std::span<const CaptureInterface>) { return {}; }

  /// Takes the comments that the next write()'s frames carry, in their order, and those of no
  /// packet in particular that come with them. Formats without comments drop them.
  /// **Errors** Io.
  virtual Result<void> annotate(std::vector<Comment>&&) { return {}; }

  /// Writes what the interfaces have counted so far, where the format has a place for it.
  virtual Result<void> writeStatistics(std::span<const CaptureInterface>) { return {}; }

  /// Takes frames, to be written when enough have come together.
  /// **Errors** Io.
  virtual Result<void> write(std::span<const Frame> frames) = 0;

  /// From now on what is taken waits in memory, however much it is, for the end of the turn that
  /// has set it aside (see Relay), where this writer can do so and nobody may be waiting for the
  /// packets: two turns then make records and write them at once.
  ///
  /// **Threads** In a turn setAside(), and what takes something before it, belong to the middle,
  /// and writeAside() to the end. All else belongs between the runs of a Relay.
  virtual void writeInTurns() {}

  /// What was taken since the last call is that of a seat, which has nothing left to write; where
  /// it does not wait, as if not called.
  virtual void setAside(std::size_t) {}

  /// Writes what is a seat's.
  /// **Errors** Io.
  virtual Result<void> writeAside(std::size_t) { return {}; }

  /// Hands all that was taken to the system: a process that is killed afterwards leaves it
  /// readable.
  /// **Errors** Io; NotFound when the file has been removed, and all that was written with it.
  virtual Result<void> flush() = 0;

  /// Flushes, ends the file and closes it. Nothing may be called afterwards.
  /// **Errors** those of flush(); Io also when the system tells only now that earlier writes were
  /// lost.
  virtual Result<void> close() = 0;

  /// Bytes taken so far, headers included and before any compression: what the size of an
  /// uncompressed file will be.
  virtual std::uint64_t bytesWritten() const = 0;

  /// Looks whether somebody still reads what is written, when that is a pipe or a socket.
  /// **Errors** Io (a broken pipe) when nobody does.
  virtual Result<void> checkReader() { return {}; }

  /// What to poll for POLLERR, to call checkReader() at once. None where nobody can go away.
  virtual std::optional<int> pollDescriptor() const { return std::nullopt; }
};

}  // namespace vsdump
