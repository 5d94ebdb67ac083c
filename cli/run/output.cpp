// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace vsdump {

Output::~Output() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<void> Output::flush() {
  waitUntilWritten();
  if (problem_ == 0) problem_ = write(buffer_.text());
  buffer_.clear();
  return takeProblem();
}

Result<void> Output::handOver() {
  if (!thread_.joinable() && !startThread()) return flush();
  waitUntilWritten();
  if (problem_ != 0 || closed()) {
    buffer_.clear();
    return takeProblem();
  }
  {
    const std::lock_guard lock(mutex_);
    std::swap(buffer_, onItsWay_);
    isOnItsWay_ = true;
  }
  changed_.notify_all();
  return {};
}

/// Returns whether there is one: a system that has no thread to give costs speed and nothing else.
bool Output::startThread() {
  // Signals are for the thread that looks at what they ask for.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  // What a forbidden system call of the thread raises must not be held up.
  sigdelset(&all, SIGSYS);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { writeWhatComes(); });
  } catch (const std::system_error&) {
    // Stays without.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread_.joinable();
}

/// What the thread does.
void Output::writeWhatComes() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return isOnItsWay_ || ends_; });
    if (!isOnItsWay_) return;
    lock.unlock();
    const int problem = write(onItsWay_.text());
    onItsWay_.clear();
    lock.lock();
    problem_ = problem;
    isOnItsWay_ = false;
    changed_.notify_all();
  }
}

void Output::waitUntilWritten() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !isOnItsWay_; });
}

/// Only while nothing is on its way.
Result<void> Output::takeProblem() {
  const int problem = std::exchange(problem_, 0);
  if (problem == 0) return {};
  return tl::unexpected(systemError(ErrorKind::Io, "write to", name_, problem));
}

/// Returns errno's value of what went wrong, or 0.
int Output::write(std::string_view text) {
  while (!text.empty() && !closed()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      isClosed_.store(true, std::memory_order_relaxed);
    } else if (errno == EAGAIN) {
      // Somebody else made the descriptor non-blocking, which is shared with the terminal.
      pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace vsdump
