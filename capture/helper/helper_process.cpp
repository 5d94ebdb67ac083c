// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/helper/helper_process.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <vector>

namespace vsdump {

namespace {

constexpr const char* kStartHelper = "start a process of vsdump's own";

sigset_t originalMask;

void closeAllBut(std::vector<int> kept) {
  std::ranges::sort(kept);
  auto next = static_cast<unsigned>(STDERR_FILENO) + 1;
  for (const int descriptor : kept) {
    const auto number = static_cast<unsigned>(descriptor);
    if (number < next) continue;
    if (number > next) ::close_range(next, number - 1, 0);
    next = number + 1;
  }
  ::close_range(next, UINT_MAX, 0);
}

/// The new process: says "" once its rights are given up, or what went wrong.
[[noreturn]] void runHelper(int connection, const char* name, const HelperRights& rights,
                            const std::function<void(int)>& work) {
  ::prctl(PR_SET_NAME, name);
  std::signal(SIGCHLD, SIG_IGN);  // nobody waits for what it starts
  const Result<void> became = becomeAccount(rights.account, rights.capability);
  const std::string words = became ? "." : describe(became.error());
  const bool isKnown = ::send(connection, words.data(), words.size(), MSG_NOSIGNAL) > 0;
  if (became && isKnown) work(connection);
  ::_exit(0);
}

}  // namespace

Result<Descriptor> startHelper(const char* name, const HelperRights& rights,
                               std::span<const int> descriptors,
                               const std::function<void(int)>& work) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return tl::unexpected(systemError(kStartHelper, {}, errno));
  }
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &originalMask);
  const pid_t child = ::fork();
  const int forkError = errno;
  if (child == 0) {
    std::vector<int> kept(descriptors.begin(), descriptors.end());
    kept.push_back(theirs.get());
    closeAllBut(std::move(kept));
    runHelper(theirs.get(), name, rights, work);
  }
  ::sigprocmask(SIG_SETMASK, &originalMask, nullptr);
  if (child < 0) return tl::unexpected(systemError(kStartHelper, {}, forkError));

  std::array<char, 1024> words{};
  const ssize_t size = ::recv(ours.get(), words.data(), words.size(), 0);
  if (size == 1) return ours;
  std::string reason(words.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (reason.empty()) reason = "it ended at once";
  return tl::unexpected(
      Error{.kind = ErrorKind::Permission, .attempted = kStartHelper, .reason = std::move(reason)});
}

void restoreSignals() {
  for (const int number : {SIGCHLD, SIGPIPE, SIGXFSZ}) std::signal(number, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &originalMask, nullptr);
}

}  // namespace vsdump
