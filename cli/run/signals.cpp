// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "capture/file/patient_writer.h"
#include "capture/live/live_source.h"

namespace vsdump {

namespace {

// Signal handlers reach nothing but globals.
std::atomic<bool> stopWanted{false};
std::atomic<bool> statisticsWanted{false};
std::atomic<bool> flushWanted{false};
std::atomic<LiveSource*> watched{nullptr};
std::array<int, 2> wakePipe{-1, -1};

extern "C" void onSignal(int number) {
  const int savedErrno = errno;
  LiveSource* const source = watched.load();
  if (number == SIGUSR1 || number == SIGUSR2) {
    (number == SIGUSR1 ? statisticsWanted : flushWanted).store(true);
    if (source != nullptr) source->wake();
  } else if (stopWanted.exchange(true)) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  } else {
    limitPatience(true);
    if (source != nullptr) source->stop();
  }
  // When the pipe is full it is readable, which is all that is wanted.
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(wakePipe[1], &byte, 1);
  errno = savedErrno;
}

void install(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

void drainWakePipe() {
  std::array<char, 64> bytes;
  while (::read(wakePipe[0], bytes.data(), bytes.size()) > 0) {
  }
}

bool isIgnored(int number) {
  struct sigaction current {};
  sigaction(number, nullptr, &current);
  return current.sa_handler == SIG_IGN;
}

}  // namespace

Signals::Signals() {
  if (::pipe2(wakePipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) wakePipe = {-1, -1};
  for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) install(number, onSignal);
  if (!isIgnored(SIGHUP)) install(SIGHUP, onSignal);
}

Signals::~Signals() {
  watched.store(nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) install(number, SIG_DFL);
  for (const int end : wakePipe) {
    if (end >= 0) ::close(end);
  }
}

void Signals::watch(LiveSource* source) {
  watched.store(source);
  if (source != nullptr && stopWanted.load()) source->stop();
}

bool Signals::any() const {
  return stopWanted.load() || statisticsWanted.load() || flushWanted.load();
}
bool Signals::stopRequested() const {
  return stopWanted.load();
}
bool Signals::takeStatisticsRequest() {
  return statisticsWanted.exchange(false);
}
bool Signals::takeFlushRequest() {
  return flushWanted.exchange(false);
}

void Signals::wait(std::chrono::milliseconds limit) const {
  pollfd woken{.fd = wakePipe[0], .events = POLLIN, .revents = 0};
  ::poll(&woken, 1, static_cast<int>(limit.count()));
  drainWakePipe();
}

bool Signals::waitFor(int input, std::optional<int> output,
                      std::optional<std::chrono::milliseconds> limit) const {
  std::array<pollfd, 3> any{pollfd{.fd = wakePipe[0], .events = POLLIN, .revents = 0},
                            pollfd{.fd = input, .events = POLLIN, .revents = 0},
                            pollfd{.fd = output.value_or(-1), .events = 0, .revents = 0}};
  ::poll(any.data(), any.size(), limit ? static_cast<int>(limit->count()) : -1);
  drainWakePipe();
  return any[1].revents != 0;
}

}  // namespace vsdump
