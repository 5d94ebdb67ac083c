// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/output.h"

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace vsdump {

Result<void> Output::take(LineBuffer& text) {
  if (text.size() == 0) return {};
  Result<void> written;
  if (buffer_.size() + text.size() >= kLargeBytes) {
    written = write(text.text());
  } else {
    buffer_.put(text.text());
  }
  text.clear();
  return written;
}

/// Writes the buffer, and this text behind it.
Result<void> Output::write(std::string_view behind) {
  std::string_view first = buffer_.text();
  while (!closed() && !(first.empty() && behind.empty())) {
    // The system only reads them.
    const std::array<iovec, 2> pieces{
        iovec{.iov_base = const_cast<char*>(first.data()), .iov_len = first.size()},
        iovec{.iov_base = const_cast<char*>(behind.data()), .iov_len = behind.size()}};
    const ssize_t written = ::writev(descriptor_, pieces.data(), pieces.size());
    if (written >= 0) {
      const auto size = static_cast<std::size_t>(written);
      const std::size_t ofFirst = std::min(size, first.size());
      first.remove_prefix(ofFirst);
      behind.remove_prefix(size - ofFirst);
    } else if (errno == EPIPE) {
      isClosed_.store(true, std::memory_order_relaxed);
    } else if (errno == EAGAIN) {
      // Somebody else made the descriptor non-blocking, which is shared with the terminal.
      pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      const int problem = errno;
      buffer_.clear();
      return tl::unexpected(systemError(ErrorKind::Io, "write to", name_, problem));
    }
  }
  buffer_.clear();
  return {};
}

}  // namespace vsdump
