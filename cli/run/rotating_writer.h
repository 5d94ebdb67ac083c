// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <ctime>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "capture/file/create.h"
#include "capture/file/packet_writer.h"
#include "capture/helper/output_opener.h"
#include "cli/options/options.h"

namespace vsdump {

/// Writes packets to one file after the other, as tcpdump does with -C, -G and -W: a file ends
/// before the first packet that comes when it is larger than -C allows, or older than -G.
class RotatingWriter final : public PacketWriter {
 public:
  /// Begins the first file. `opener` makes the files, which have this format; the first one
  /// is that of `begun` and number 0. A source that captures `live` is asked for its counters at
  /// the end of each; null where files are read.
  /// **Lifetime** borrows the options and the source.
  /// **Errors** Io.
  static Result<std::unique_ptr<RotatingWriter>> create(OutputOpener opener, std::time_t begun,
                                                        OutputOpener::File first,
                                                        const OutputFormat& format,
                                                        const Options& options, PacketSource* live);

  /// Whether it takes no more: as many files are written as -W allows with -G, or the next one
  /// could not be begun.
  bool isOver() const { return isOver_; }

  void beginSource() override;
  Result<void> describe(std::span<const CaptureInterface> interfaces) override;
  Result<void> annotate(std::vector<Comment>&& comments) override;
  Result<void> writeStatistics(std::span<const CaptureInterface> interfaces) override;
  Result<void> write(std::span<const Frame> frames) override;
  /// Begins a file that was removed anew, and tells of it: what comes is to be kept.
  Result<void> flush() override;
  Result<void> close() override { return isOver_ ? Result<void>{} : file_->close(); }
  std::uint64_t bytesWritten() const override { return file_->bytesWritten(); }

 private:
  RotatingWriter(OutputOpener opener, std::time_t begun, const OutputFormat& format,
                 const Options& options, PacketSource* live)
      : opener_(std::move(opener)),
        format_(format),
        options_(options),
        live_(live),
        begun_(begun) {}

  Result<void> begin(OutputOpener::File file);
  Result<void> rotateByTime();
  Result<void> rotateBySize();
  Result<void> endFile();
  Result<void> nextFile();
  Result<void> writeOne(const Frame& frame);

  OutputOpener opener_;
  OutputFormat format_;
  const Options& options_;
  PacketSource* live_;
  std::unique_ptr<PacketWriter> file_;
  std::time_t begun_;            ///< when -G looked at the clock last
  std::uint32_t number_ = 0;     ///< of the file, with -C
  std::uint32_t intervals_ = 0;  ///< of -G that are over
  bool isOver_ = false;
  std::span<const CaptureInterface> interfaces_;  ///< of the source, until its next read()
  std::deque<Comment> comments_;                  ///< for frames to come
};

/// What the files of these options are called.
RotatedNames rotatedNamesOf(const Options& options);

/// Whether the options ask for more than one file.
inline bool rotates(const Options& options) {
  return options.writeFile && (options.rotateBytes > 0 || options.rotateSeconds > 0);
}

}  // namespace vsdump
