// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/descriptor_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace vsdump {

DescriptorSink::DescriptorSink(Descriptor descriptor, std::string name, bool isInherited)
    : descriptor_(std::move(descriptor)), name_(std::move(name)) {
  struct stat status {};
  regular_ = ::fstat(descriptor_.get(), &status) == 0 && S_ISREG(status.st_mode);
  if (!regular_) return;
  needsName_ = status.st_nlink > 0 && !isInherited;
  const bool appends = (::fcntl(descriptor_.get(), F_GETFL) & O_APPEND) != 0;
  const off_t position = ::lseek(descriptor_.get(), 0, appends ? SEEK_END : SEEK_CUR);
  start_ = static_cast<std::uint64_t>(std::max<off_t>(position, 0));
}

Result<void> DescriptorSink::write(std::span<const std::byte> first,
                                   std::span<const std::byte> second) {
  while (!first.empty() || !second.empty()) {
    // The system does not change what it is given to write.
    std::array<iovec, 2> pieces{{{const_cast<std::byte*>(first.data()), first.size()},
                                 {const_cast<std::byte*>(second.data()), second.size()}}};
    const ssize_t count = ::writev(descriptor_.get(), pieces.data(), pieces.size());
    if (count >= 0) {
      const auto taken = static_cast<std::size_t>(count);
      written_ += taken;
      const std::size_t ofFirst = std::min(taken, first.size());
      first = first.subspan(ofFirst);
      second = second.subspan(taken - ofFirst);
    } else if (errno == EAGAIN) {
      // Somebody else made the descriptor non-blocking, which is shared with us.
      pollfd room{.fd = descriptor_.get(), .events = POLLOUT, .revents = 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return tl::unexpected(systemError(ErrorKind::Io, "write to", name_, errno));
    }
  }
  return {};
}

Result<void> DescriptorSink::flush() {
  struct stat status {};
  if (!needsName_ || ::fstat(descriptor_.get(), &status) != 0 || status.st_nlink > 0) return {};
  return tl::unexpected(Error{.kind = ErrorKind::NotFound,
                              .attempted = "write to",
                              .subject = name_,
                              .reason = "it was removed while it was written"});
}

Result<void> DescriptorSink::close() {
  const int problem = descriptor_.close();
  if (problem == 0) return {};
  return tl::unexpected(systemError(ErrorKind::Io, "write to", name_, problem));
}

std::optional<std::uint64_t> DescriptorSink::cutBack(std::uint64_t bytes) {
  if (!regular_) return std::nullopt;
  const auto size = static_cast<off_t>(start_ + bytes);
  if (::ftruncate(descriptor_.get(), size) != 0) return std::nullopt;
  // The position may be shared with other programs that write to the same redirection.
  ::lseek(descriptor_.get(), size, SEEK_SET);
  written_ = bytes;
  return bytes;
}

std::optional<int> DescriptorSink::pollDescriptor() const {
  if (regular_) return std::nullopt;
  return descriptor_.get();
}

}  // namespace vsdump
