// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace vsdump {

Result<void> Output::flush() {
  std::string_view rest = buffer_.text();
  while (!rest.empty() && !isClosed_) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      isClosed_ = true;
    } else if (errno == EAGAIN) {
      // Somebody else made the descriptor non-blocking, which is shared with the terminal.
      pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      const int error = errno;
      buffer_.clear();
      return tl::unexpected(systemError(ErrorKind::Io, "write to", name_, error));
    }
  }
  buffer_.clear();
  return {};
}

}  // namespace vsdump
