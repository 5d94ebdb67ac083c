// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/sinks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "capture/file/create.h"

namespace vsdump {

namespace {

constexpr mode_t kFileMode = 0644;  // less the umask

bool printsPackets(const Options& options) {
  return !options.countOnly && (!options.writeFile || options.printWhileWriting);
}

/// Opens a file for writing. One that is made here is given to `owner`; one that was there, which
/// may be a device, stays whose it was and keeps its contents for now: it may turn out that there
/// is nothing to write.
Result<Descriptor> openForWriting(const std::string& path, const Account& owner,
                                  const OutputRules& rules) {
  Descriptor made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (made.isOpen()) {
    if (::geteuid() == 0 && ::fchown(made.get(), owner.uid, owner.gid) != 0) {
      return tl::unexpected(systemError("give the file to " + owner.name, path, errno));
    }
    return made;
  }
  if (errno != EEXIST) return tl::unexpected(systemError("write to", path, errno));
  Descriptor found(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!found.isOpen()) return tl::unexpected(systemError("write to", path, errno));
  if (auto judged = accepted(rules.judge(found), path); !judged) {
    return tl::unexpected(std::move(judged.error()));
  }
  return found;
}

Result<void> emptyFile(const Descriptor& file, const std::string& name) {
  struct stat status {};
  const bool known = ::fstat(file.get(), &status) == 0;
  if (known && (!S_ISREG(status.st_mode) || ::ftruncate(file.get(), 0) == 0)) return {};
  return tl::unexpected(systemError(ErrorKind::Io, "write to", name, errno));
}

}  // namespace

Sinks::Sinks(const Options& options)
    : options_(options), output_(STDOUT_FILENO, "standard output") {
  // Here, and not when the first source starts: how many processors there are is asked of a file.
  if (printsPackets(options)) printer_ = std::make_unique<PacketStream>(options, output_);
}

Result<void> Sinks::openFile(const Account& owner, std::vector<FileIdentity> read) {
  if (!options_.writeFile) return {};
  const std::string& path = *options_.writeFile;
  writeName_ = path;
  if (path == "-") {
    writeName_ = "standard output";
    writeDescriptor_ = Descriptor(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!writeDescriptor_.isOpen()) {
      return tl::unexpected(systemError("write to", writeName_, errno));
    }
    // Whose it is, is the caller's choice.
    const OutputRules rules{.owner = {}, .read = std::move(read)};
    return accepted(rules.judge(writeDescriptor_), writeName_);
  }
  OutputRules rules{.owner = {}, .read = std::move(read)};
  if (::geteuid() == 0) rules.owner = owner.uid;
  const bool isLive = options_.readFiles.empty();
  struct stat status {};
  const bool isMadeLater = !isLive && ::stat(path.c_str(), &status) != 0 && errno == ENOENT;
  if (!rotates(options_) && !isMadeLater) {
    Result<Descriptor> file = openForWriting(path, owner, rules);
    if (!file) return tl::unexpected(std::move(file.error()));
    writeDescriptor_ = std::move(*file);
    return {};
  }
  Result<OutputOpener> opener =
      OutputOpener::start(rotatedNamesOf(options_), owner, rules, options_.rotateCommand);
  if (!opener) return tl::unexpected(std::move(opener.error()));
  opener_ = std::move(*opener);
  return isLive ? openByHelper() : Result<void>{};
}

Result<void> Sinks::openByHelper() {
  Result<OutputOpener::File> file = opener_->open(begun_, 0);
  if (!file) return tl::unexpected(std::move(file.error()));
  writeDescriptor_ = std::move(file->descriptor);
  writeName_ = std::move(file->name);
  return {};
}

Result<void> Sinks::start(PacketSource& source, const CaptureInterface& interface) {
  if (writer_) writer_->beginSource();
  if (isStarted_) return {};
  isStarted_ = true;
  return options_.writeFile ? startWriting(source, interface) : Result<void>{};
}

Result<void> Sinks::startWriting(PacketSource& source, const CaptureInterface& interface) {
  if (!writeDescriptor_.isOpen()) {
    if (Result<void> opened = openByHelper(); !opened) return opened;
  }
  chooseByName(format_, *options_.writeFile);
  format_.pcapng |= options_.pcapng;
  format_.snapshotLength = interface.snapshotLength;
  format_.nanoseconds = options_.nanoseconds;
  format_.application = "vsdump";
  for (Comment& comment : source.takeComments()) {
    format_.comments.push_back(std::move(comment.text));
  }
  if (rotates(options_)) {
    auto writer = RotatingWriter::create(*std::exchange(opener_, std::nullopt), begun_,
                                         {std::move(writeDescriptor_), writeName_}, format_,
                                         options_, options_.readFiles.empty() ? &source : nullptr);
    if (!writer) return tl::unexpected(std::move(writer.error()));
    rotating_ = writer->get();
    writer_ = std::move(*writer);
    return {};
  }
  opener_.reset();
  const bool isInherited = *options_.writeFile == "-";
  if (!isInherited) {
    if (Result<void> emptied = emptyFile(writeDescriptor_, writeName_); !emptied) return emptied;
  }
  auto writer = createCapture(std::move(writeDescriptor_), writeName_, format_, isInherited);
  if (!writer) return tl::unexpected(std::move(writer.error()));
  writer_ = std::move(*writer);
  // Live, packets are written as they come.
  if (!options_.readFiles.empty() && !options_.packetBuffered) writer_->writeInTurns();
  return {};
}

Result<void> Sinks::follow(std::span<const CaptureInterface> interfaces,
                           std::vector<Comment> comments) {
  if (!writer_) return {};
  if (Result<void> described = writer_->describe(interfaces); !described) return described;
  if (Result<void> annotated = writer_->annotate(std::move(comments)); !annotated) {
    return annotated;
  }
  // Who reads a pipe has no end of the file to look at.
  constexpr std::chrono::seconds kBetweenStatistics{1};
  const auto now = std::chrono::steady_clock::now();
  if (!writer_->pollDescriptor() || now - lastStatistics_ < kBetweenStatistics) return {};
  lastStatistics_ = now;
  return writer_->writeStatistics(interfaces);
}

Result<void> Sinks::endSource(const PacketSource& source) {
  return writer_ ? writer_->writeStatistics(source.interfaces()) : Result<void>{};
}

Result<void> Sinks::take(std::size_t seat, std::span<const Frame> frames) {
  count_ += frames.size();
  if (writer_) {
    if (Result<void> written = writeFrames(frames); !written) return written;
    writer_->setAside(seat);
  }
  if (printer_) printer_->take(seat, frames);
  return {};
}

void Sinks::takeTracked(std::size_t seat) {
  count_ += printer_->takeTracked(seat);
}

Result<void> Sinks::checkReader() {
  if (writer_) return writer_->checkReader();
  const auto descriptor = readerDescriptor();
  if (!descriptor || hasReader(*descriptor)) return {};
  return tl::unexpected(systemError(ErrorKind::Io, "write to", writeName_, EPIPE));
}

Result<void> Sinks::finish(const Relay::Turn& turn) {
  Result<void> printed = printer_ ? printer_->print(turn) : Result<void>{};
  if (!writer_) return printed;
  turn.awaitEnd();
  Result<void> written = writer_->writeAside(turn.seat());
  return printed ? written : printed;
}

Result<void> Sinks::writeFrames(std::span<const Frame> frames) {
  if (Result<void> written = writer_->write(frames); !written) return written;
  return options_.packetBuffered && !frames.empty() ? writer_->flush() : Result<void>{};
}

std::optional<int> Sinks::readerDescriptor() const {
  if (writer_) return writer_->pollDescriptor();
  struct stat status {};
  if (!writeDescriptor_.isOpen() || ::fstat(writeDescriptor_.get(), &status) != 0 ||
      S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return writeDescriptor_.get();
}

Result<std::optional<std::chrono::milliseconds>> Sinks::flushIdle() {
  constexpr std::chrono::milliseconds kCompressedInterval{1000};  // each costs some compression
  constexpr std::chrono::milliseconds kFileInterval{100};         // nobody waits for each packet
  const auto now = std::chrono::steady_clock::now();
  std::chrono::milliseconds interval{0};
  // Of a live capture alone: other sources may wait for ever behind this.
  const bool isLive = options_.readFiles.empty();
  if (isLive && writer_ && !writer_->pollDescriptor()) interval = kFileInterval;
  if (format_.compression != Compression::None) interval = kCompressedInterval;
  const bool isTooSoon = now - lastFlush_ < interval;
  if (!isTooSoon) lastFlush_ = now;
  if (Result<void> flushed = isTooSoon ? output_.flush() : flushAll(); !flushed) {
    return tl::unexpected(std::move(flushed.error()));
  }
  return isTooSoon ? std::optional(interval) : std::nullopt;
}

Result<void> Sinks::flushAll() {
  if (writer_) {
    if (Result<void> flushed = writer_->flush(); !flushed) return flushed;
  }
  return output_.flush();
}

Result<void> Sinks::close() {
  if (options_.countOnly) {
    output_.buffer().put(fmt::format("{} packet{}\n", count_, count_ == 1 ? "" : "s"));
  }
  Result<void> closed;
  if (writer_) closed = writer_->close();
  Result<void> flushed = output_.flush();
  return closed ? flushed : closed;
}

bool Sinks::closed() const {
  return output_.closed() || (rotating_ != nullptr && rotating_->isOver());
}

bool Sinks::printsOnTerminal() const {
  return printsPackets(options_) && ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace vsdump
