// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/rotating_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "cli/run/messages.h"

namespace vsdump {

namespace {

/// Whether a file was removed while it was written, which is no reason to write no other.
bool isGone(const Error& error) {
  return error.kind == ErrorKind::NotFound;
}

}  // namespace

RotatedNames rotatedNamesOf(const Options& options) {
  return {.pattern = *options.writeFile,
          .isTimed = options.rotateSeconds > 0,
          .digits = options.rotateBytes > 0 ? digitsOf(options.rotateFiles) : 0};
}

Result<std::unique_ptr<RotatingWriter>> RotatingWriter::create(
    OutputOpener opener, std::time_t begun, OutputOpener::File first, const OutputFormat& format,
    const Options& options, PacketSource* live) {
  std::unique_ptr<RotatingWriter> writer(
      new RotatingWriter(std::move(opener), begun, format, options, live));
  if (Result<void> begunFile = writer->begin(std::move(first)); !begunFile) {
    return tl::unexpected(std::move(begunFile.error()));
  }
  return writer;
}

void RotatingWriter::beginSource() {
  interfaces_ = {};
  file_->beginSource();
}

Result<void> RotatingWriter::describe(std::span<const CaptureInterface> interfaces) {
  interfaces_ = interfaces;
  return isOver_ ? Result<void>{} : file_->describe(interfaces);
}

Result<void> RotatingWriter::annotate(std::vector<Comment>&& comments) {
  // What is left of packets was of some that were not wanted.
  std::erase_if(comments_, [](const Comment& comment) { return comment.frame.has_value(); });
  for (Comment& comment : comments) comments_.push_back(std::move(comment));
  // Perhaps no packet comes for long.
  std::vector<Comment> loose;
  for (; !comments_.empty() && !comments_.front().frame; comments_.pop_front()) {
    loose.push_back(std::move(comments_.front()));
  }
  return isOver_ || loose.empty() ? Result<void>{} : file_->annotate(std::move(loose));
}

Result<void> RotatingWriter::writeStatistics(std::span<const CaptureInterface> interfaces) {
  return isOver_ ? Result<void>{} : file_->writeStatistics(interfaces);
}

Result<void> RotatingWriter::write(std::span<const Frame> frames) {
  if (frames.empty() || isOver_) return {};
  if (options_.rotateSeconds > 0) {
    if (Result<void> rotated = rotateByTime(); !rotated || isOver_) return rotated;
  }
  for (const Frame& frame : frames) {
    if (options_.rotateBytes > 0 && file_->bytesWritten() > options_.rotateBytes) {
      if (Result<void> rotated = rotateBySize(); !rotated) return rotated;
    }
    if (Result<void> written = writeOne(frame); !written) return written;
  }
  return {};
}

/// Hands the file no more comments than belong to the frame: the next one may go to another file.
Result<void> RotatingWriter::writeOne(const Frame& frame) {
  std::vector<Comment> itsOwn;
  while (!comments_.empty() &&
         (!comments_.front().frame || *comments_.front().frame <= frame.number)) {
    itsOwn.push_back(std::move(comments_.front()));
    comments_.pop_front();
  }
  if (!itsOwn.empty()) {
    if (Result<void> annotated = file_->annotate(std::move(itsOwn)); !annotated) return annotated;
  }
  return file_->write({&frame, 1});
}

Result<void> RotatingWriter::flush() {
  Result<void> flushed = file_->flush();
  if (flushed || !isGone(flushed.error())) return flushed;
  say(flushed.error());
  return nextFile();
}

Result<void> RotatingWriter::begin(OutputOpener::File file) {
  if (::ftruncate(file.descriptor.get(), 0) != 0) {
    return tl::unexpected(systemError(ErrorKind::Io, "write to", file.name, errno));
  }
  auto writer = createCapture(std::move(file.descriptor), std::move(file.name), format_);
  if (!writer) return tl::unexpected(std::move(writer.error()));
  file_ = std::move(*writer);
  return file_->describe(interfaces_);
}

Result<void> RotatingWriter::rotateByTime() {
  const std::time_t now = std::time(nullptr);
  if (now - begun_ < static_cast<std::time_t>(options_.rotateSeconds)) return {};
  if (Result<void> ended = endFile(); !ended) return ended;
  ++intervals_;
  if (options_.rotateBytes == 0 && options_.rotateFiles > 0 && intervals_ >= options_.rotateFiles) {
    sayPlain(fmt::format("Maximum file limit reached: {}", options_.rotateFiles));
    isOver_ = true;
    return {};
  }
  begun_ = now;
  number_ = 0;
  return nextFile();
}

Result<void> RotatingWriter::rotateBySize() {
  if (Result<void> ended = endFile(); !ended) return ended;
  ++number_;
  if (options_.rotateFiles > 0 && number_ >= options_.rotateFiles) number_ = 0;
  return nextFile();
}

Result<void> RotatingWriter::endFile() {
  if (live_ != nullptr) {
    live_->count();
    interfaces_ = live_->interfaces();
  }
  if (Result<void> written = file_->writeStatistics(interfaces_); !written) return written;
  if (Result<void> closed = file_->close(); !closed) {
    if (!isGone(closed.error())) return closed;
    say(closed.error());
    return {};
  }
  if (!options_.rotateCommand) return {};
  return opener_.runCommand(begun_, number_);
}

Result<void> RotatingWriter::nextFile() {
  isOver_ = true;  // unless there is one
  Result<OutputOpener::File> file = opener_.open(begun_, number_);
  if (!file) return tl::unexpected(std::move(file.error()));
  Result<void> begun = begin(std::move(*file));
  isOver_ = !begun;
  return begun;
}

}  // namespace vsdump
