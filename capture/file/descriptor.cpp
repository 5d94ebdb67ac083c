// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/descriptor.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace vsdump {

int Descriptor::close() {
  if (number_ < 0) return 0;
  // Linux frees the number even when close() fails, so that it must not be tried again.
  return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno;
}

bool hasReader(int descriptor) {
  pollfd reader{.fd = descriptor, .events = 0, .revents = 0};
  return ::poll(&reader, 1, 0) <= 0 || (reader.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

}  // namespace vsdump
