// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/companion.h"

#include <csignal>
#include <system_error>
#include <utility>

namespace vsdump {

Companion::~Companion() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Companion::start() {
  if (thread_.joinable()) return true;
  // Signals are for the thread that looks at what they ask for.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  // What a forbidden system call of the thread raises must not be held up.
  sigdelset(&all, SIGSYS);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    // Stays without.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread_.joinable();
}

void Companion::give(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void Companion::wait() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return tasks_.empty(); });
}

/// What the thread does.
void Companion::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return !tasks_.empty() || ends_; });
    if (tasks_.empty()) return;
    lock.unlock();
    tasks_.front()();
    lock.lock();
    tasks_.pop_front();
    if (tasks_.empty()) changed_.notify_all();
  }
}

}  // namespace vsdump
