// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/descriptor_stream.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace vsdump {

DescriptorStream::DescriptorStream(Descriptor descriptor, std::string name)
    : descriptor_(std::move(descriptor)), name_(std::move(name)) {}

Result<std::unique_ptr<DescriptorStream>> DescriptorStream::open(Descriptor descriptor,
                                                                 std::string name, bool follow) {
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) {
    return tl::unexpected(systemError("read", std::move(name), errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return tl::unexpected(Error{.kind = ErrorKind::BadInput,
                                .attempted = "read",
                                .subject = std::move(name),
                                .reason = "it is a directory"});
  }
  if (::isatty(descriptor.get()) == 1) {
    return tl::unexpected(Error{.kind = ErrorKind::BadInput,
                                .attempted = "read",
                                .subject = std::move(name),
                                .reason = "it is a terminal",
                                .hint = "Redirect a capture file or a pipe to it."});
  }
  std::unique_ptr<DescriptorStream> stream(
      new DescriptorStream(std::move(descriptor), std::move(name)));
  stream->regular_ = S_ISREG(status.st_mode);
  stream->follow_ = follow && stream->regular_;
  if (stream->regular_) {
    stream->size_ = static_cast<std::uint64_t>(status.st_size);
    const off_t position = ::lseek(stream->descriptor_.get(), 0, SEEK_CUR);
    stream->start_ = static_cast<std::uint64_t>(std::max<off_t>(position, 0));
    stream->position_ = stream->start_;
  }
  return stream;
}

Result<Chunk> DescriptorStream::read(std::span<std::byte> into) {
  if (!regular_) {
    pollfd ready{.fd = descriptor_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 0) == 0) return Chunk{.state = SourceState::Waiting};
  }
  const ssize_t count = ::read(descriptor_.get(), into.data(), into.size());
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return Chunk{.state = SourceState::Waiting};
    return tl::unexpected(systemError("read", name_, errno));
  }
  if (count == 0) return atEndOfFile();
  position_ += static_cast<std::uint64_t>(count);
  return Chunk{.size = static_cast<std::size_t>(count)};
}

std::size_t DescriptorStream::readAt(std::uint64_t offset, std::span<std::byte> into) const {
  if (!regular_) return 0;
  const auto place = static_cast<off_t>(start_ + offset);
  const ssize_t count = ::pread(descriptor_.get(), into.data(), into.size(), place);
  return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
}

void DescriptorStream::skip(std::size_t size) {
  position_ += size;
  ::lseek(descriptor_.get(), static_cast<off_t>(position_), SEEK_SET);
}

Result<Chunk> DescriptorStream::atEndOfFile() {
  if (!follow_) return Chunk{.state = SourceState::End};
  struct stat status {};
  if (::fstat(descriptor_.get(), &status) != 0) {
    return tl::unexpected(systemError("read", name_, errno));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (size_ < position_) {
    return Chunk{.state = SourceState::Damaged,
                 .problem = "the file became shorter while it was read"};
  }
  return Chunk{.state = SourceState::Waiting};
}

std::optional<int> DescriptorStream::pollDescriptor() const {
  if (regular_) return std::nullopt;
  return descriptor_.get();
}

std::optional<double> DescriptorStream::progress() const {
  if (!regular_ || size_ == 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(position_) / static_cast<double>(size_));
}

}  // namespace vsdump
