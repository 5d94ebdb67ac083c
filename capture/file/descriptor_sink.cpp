// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/descriptor_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace vsdump {

DescriptorSink::DescriptorSink(Descriptor descriptor, std::string name, bool isInherited)
    : descriptor_(std::move(descriptor)), writer_(descriptor_.get()), name_(std::move(name)) {
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
  const std::size_t size = first.size() + second.size();
  const int problem = writer_.write(first, second);
  written_ += size - first.size() - second.size();
  if (problem == 0) return {};
  return tl::unexpected(writeError(name_, problem));
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
