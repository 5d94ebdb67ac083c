// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/sinks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "capture/file/pcap_writer.h"

namespace vsdump {

namespace {

constexpr mode_t kFileMode = 0644;  // less the umask

bool printsPackets(const Options& options) {
  return !options.countOnly && (!options.writeFile || options.printWhileWriting);
}

/// Opens a file for writing. One that is made here is given to `owner`; one that was there, which
/// may be a device, stays whose it was.
Result<Descriptor> openForWriting(const std::string& path, const Account& owner) {
  Descriptor made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (made.isOpen()) {
    if (::geteuid() == 0 && ::fchown(made.get(), owner.uid, owner.gid) != 0) {
      return tl::unexpected(systemError("give the file to " + owner.name, path, errno));
    }
    return made;
  }
  if (errno != EEXIST) return tl::unexpected(systemError("write to", path, errno));
  Descriptor found(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!found.isOpen()) return tl::unexpected(systemError("write to", path, errno));
  return found;
}

}  // namespace

Sinks::Sinks(const Options& options)
    : options_(options), output_(STDOUT_FILENO, "standard output") {}

Result<void> Sinks::openFile(const Account& owner) {
  if (!options_.writeFile) return {};
  if (*options_.writeFile == "-") {
    writeDescriptor_ = Descriptor(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!writeDescriptor_.isOpen()) {
      return tl::unexpected(systemError("write to", "standard output", errno));
    }
    return {};
  }
  Result<Descriptor> file = openForWriting(*options_.writeFile, owner);
  if (!file) return tl::unexpected(std::move(file.error()));
  writeDescriptor_ = std::move(*file);
  return {};
}

Result<void> Sinks::start(const CaptureInterface& interface) {
  if (isStarted_) return {};
  isStarted_ = true;
  if (printsPackets(options_)) printer_ = makePacketStream(options_, output_);
  if (!options_.writeFile) return {};
  const std::string name = *options_.writeFile == "-" ? "standard output" : *options_.writeFile;
  auto writer =
      PcapWriter::create(std::move(writeDescriptor_), name,
                         PcapFormat{.snapshotLength = interface.snapshotLength,
                                    .nanoseconds = interface.nanoseconds || options_.nanoseconds});
  if (!writer) return tl::unexpected(std::move(writer.error()));
  writer_ = std::move(*writer);
  return {};
}

Result<void> Sinks::take(std::span<const Frame> frames) {
  count_ += frames.size();
  if (writer_) {
    if (Result<void> written = writer_->write(frames); !written) return written;
    if (options_.packetBuffered) {
      if (Result<void> flushed = writer_->flush(); !flushed) return flushed;
    }
  }
  if (printer_) return printer_->print(frames);
  return {};
}

Result<void> Sinks::flushText() {
  return output_.flush();
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
  if (writer_) {
    if (Result<void> closed = writer_->close(); !closed) return closed;
  }
  return output_.flush();
}

bool Sinks::closed() const {
  return output_.closed();
}

bool Sinks::printsOnTerminal() const {
  return printsPackets(options_) && ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace vsdump
