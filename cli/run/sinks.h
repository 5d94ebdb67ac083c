// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/file/create.h"
#include "capture/file/descriptor.h"
#include "capture/file/packet_writer.h"
#include "capture/helper/output_opener.h"
#include "capture/live/privileges.h"
#include "capture/source.h"
#include "cli/options/options.h"
#include "cli/run/output.h"
#include "cli/run/packet_stream.h"
#include "cli/run/rotating_writer.h"

namespace vsdump {

/// What the command line wants done with the packets: print them, write them, count them, or some
/// of it at once.
///
/// **Lifetime** borrows the options.
class Sinks {
 public:
  explicit Sinks(const Options& options);

  /// Opens the file of -w, if there is one, with the rights that the process still has, or starts
  /// the process that opens it and those that follow it. A file that did not exist becomes
  /// `owner`'s; where files are read it is made by start() only, when it is known that there is
  /// something to write. Nothing is written to those of `read`.
  Result<void> openFile(const Account& owner, std::vector<FileIdentity> read);

  /// Makes the outputs ready for packets of this source, whose interface this is. All sources go to
  /// the same outputs, which the first one starts.
  Result<void> start(PacketSource& source, const CaptureInterface& interface);

  /// Takes what the source has told along with the frames that take() gets next.
  Result<void> follow(std::span<const CaptureInterface> interfaces, std::vector<Comment> comments);

  /// The source is over, and its frames are needed no more: keeps what it has counted.
  Result<void> endSource(const PacketSource& source);

  /// Takes the packets of a turn. **Lifetime** borrows the frames until finish().
  Result<void> take(std::size_t seat, std::span<const Frame> frames);
  /// The same of packets whose connections are followed, which are printed and not written: where
  /// they are put, empty until then, and what takes them from there.
  std::vector<TrackedPacket>& tracked(std::size_t seat) { return printer_->tracked(seat); }
  void takeTracked(std::size_t seat);
  /// **Errors** Io when the reader of -w has gone away.
  Result<void> checkReader();

  /// Prints and writes what the turn has taken and what is not written yet, after the middle of the
  /// turn, where all the other functions belong.
  Result<void> finish(const Relay::Turn& turn);

  /// Hands on what somebody may be waiting for, while no packets come: to the file of a live
  /// capture several times a second, to a compressed one once. Returns how long something that was
  /// kept back may wait, if there is any: then this is to be called again.
  Result<std::optional<std::chrono::milliseconds>> flushIdle();

  /// Hands on everything: printed text, which somebody may be watching, and the file's packets.
  Result<void> flushAll();

  /// Writes the rest and the count.
  Result<void> close();

  /// Whether take() is done with a packet when it returns, as what is written is.
  bool keepsNoFrames() const { return !printer_; }

  /// Whether nobody reads any more, or no more files may be written.
  bool closed() const;

  /// Whether the counters of a live capture are wanted with each batch, as who reads a pipe sees
  /// them before the end.
  bool wantsCounters() const { return readerDescriptor().has_value(); }

  /// What to poll for POLLERR while waiting for packets, and before start(): checkReader() then
  /// finds that the one of -w is gone. None where nobody can go away.
  std::optional<int> readerDescriptor() const;

  bool printsOnTerminal() const;
  bool writesFile() const { return options_.writeFile.has_value(); }

 private:
  Result<void> startWriting(PacketSource& source, const CaptureInterface& interface);
  Result<void> openByHelper();
  Result<void> writeFrames(std::span<const Frame> frames);

  const Options& options_;
  Output output_;
  Descriptor writeDescriptor_;
  std::string writeName_;
  std::optional<OutputOpener> opener_;        // where a file is still to be made
  std::time_t begun_ = std::time(nullptr);    // as tcpdump has it for the name of the first file
  std::unique_ptr<PacketWriter> writer_;      // with -w
  const RotatingWriter* rotating_ = nullptr;  // writer_, where it is one
  std::unique_ptr<PacketStream> printer_;     // where packets are printed
  std::uint64_t count_ = 0;
  bool isStarted_ = false;
  OutputFormat format_;
  std::chrono::steady_clock::time_point lastFlush_{};
  std::chrono::steady_clock::time_point lastStatistics_{};
};

}  // namespace vsdump
