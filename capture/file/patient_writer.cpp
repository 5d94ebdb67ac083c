// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/patient_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <optional>
#include <utility>

namespace vsdump {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kGrace{1};
/// How often a waiting thread looks whether patience has become limited: the signal that does so
/// may have interrupted another one.
constexpr int kLookEveryMs = 100;

std::atomic<bool> isLimited{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // for signal handlers

/// What a pipe holds; who reads it a byte at a time makes room after a page only.
int unreadIn(int descriptor) {
  int bytes = 0;
  return ::ioctl(descriptor, FIONREAD, &bytes) == 0 ? bytes : 0;
}

}  // namespace

void limitPatience(bool limited) {
  isLimited.store(limited);
}

bool isPatienceLimited() {
  return isLimited.load();
}

bool awaitRoom(int descriptor) {
  std::optional<Clock::time_point> quietSince;
  int unread = 0;
  while (true) {
    pollfd room{.fd = descriptor, .events = POLLOUT, .revents = 0};
    if (::poll(&room, 1, kLookEveryMs) > 0) return true;
    if (!isPatienceLimited()) continue;
    const int unreadBefore = std::exchange(unread, unreadIn(descriptor));
    if (!quietSince || unread != unreadBefore) {
      quietSince = Clock::now();
    } else if (Clock::now() - *quietSince >= kGrace) {
      return false;
    }
  }
}

Descriptor openWithoutWaiting(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return {};
  if (!S_ISFIFO(status.st_mode) && ::isatty(descriptor) != 1) return {};
  const std::string path = fmt::format("/proc/self/fd/{}", descriptor);
  return Descriptor(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

PatientWriter::PatientWriter(int descriptor) : descriptor_(descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return;
  const bool waits = (::fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0;
  if (S_ISSOCK(status.st_mode)) {
    way_ = Way::Socket;
  } else if (S_ISFIFO(status.st_mode) && waits) {
    way_ = Way::SmallPieces;
  }
}

ssize_t PatientWriter::put(std::span<const std::byte> first,
                           std::span<const std::byte> second) const {
  if (way_ == Way::SmallPieces) {
    // A pipe with any room takes so much at once.
    first = first.first(std::min<std::size_t>(first.size(), PIPE_BUF));
    second = second.first(std::min<std::size_t>(second.size(), PIPE_BUF - first.size()));
  }
  // The system does not change what it is given to write.
  std::array<iovec, 2> pieces{{{const_cast<std::byte*>(first.data()), first.size()},
                               {const_cast<std::byte*>(second.data()), second.size()}}};
  if (way_ != Way::Socket) return ::writev(descriptor_, pieces.data(), pieces.size());
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int PatientWriter::write(std::span<const std::byte>& first, std::span<const std::byte>& second) {
  bool hasRoom = way_ != Way::SmallPieces;
  while (!first.empty() || !second.empty()) {
    if (!hasRoom && !hasGivenUp_) hasGivenUp_ = !awaitRoom(descriptor_);
    if (hasGivenUp_) return kGaveUp;
    const ssize_t count = put(first, second);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return errno;
    const auto taken = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    const std::size_t ofFirst = std::min(taken, first.size());
    first = first.subspan(ofFirst);
    second = second.subspan(taken - ofFirst);
    hasRoom = false;
  }
  return 0;
}

Error writeError(std::string name, int problem) {
  if (problem != PatientWriter::kGaveUp) {
    return systemError(ErrorKind::Io, "write to", std::move(name), problem);
  }
  return Error{.kind = ErrorKind::Io,
               .attempted = "write to",
               .subject = std::move(name),
               .reason = "a signal has asked to end, and nothing was read from it for a second"};
}

}  // namespace vsdump
