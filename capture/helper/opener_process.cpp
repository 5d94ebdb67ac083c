// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/helper/opener_process.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "capture/file/descriptor.h"
#include "capture/helper/helper_process.h"
#include "dissector/text/escape.h"

namespace vsdump::output_opener {

namespace {

constexpr mode_t kFileMode = 0644;  // less the umask

/// Opens what is below the folder, reached without a link.
Descriptor openBelow(int folder, const std::string& path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_WRONLY | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return Descriptor(
      static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
}

Refusal checkFound(const Descriptor& file, const OutputRules& rules) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return Refusal::NotRegular;
  // Somebody may have put another's file under this name, for root's rights to overwrite it.
  return status.st_nlink > 1 ? Refusal::SeveralNames : rules.judge(file);
}

/// Opens the file, or fills in why not.
Descriptor openFile(const Task& task, const std::string& path, Answer& answer) {
  Descriptor made = openBelow(task.folder, path, O_CREAT | O_EXCL, kFileMode);
  if (made.isOpen()) return made;
  if (errno == EEXIST) {
    Descriptor found = openBelow(task.folder, path, O_NONBLOCK, 0);  // a FIFO must not hold it up
    if (found.isOpen()) {
      answer.refusal = checkFound(found, task.rules);
      return answer.refusal == Refusal::None ? std::move(found) : Descriptor();
    }
    if (errno == ENXIO) answer.refusal = Refusal::NotRegular;  // a FIFO that nobody reads
  }
  answer.errnoValue = path.empty() ? EISDIR : errno;
  return {};
}

void answerFile(int connection, const Task& task, const Request& request) {
  Answer answer;
  Descriptor file;
  Result<std::string> name = rotatedName(task.names, request.begun, request.number);
  if (name) {
    file = openFile(task, name->substr(rotatedFolder(task.names).size()), answer);
  } else {
    answer.errnoValue = ENAMETOOLONG;
    name = task.names.pattern;
  }
  std::array<iovec, 2> parts{iovec{.iov_base = &answer, .iov_len = sizeof answer},
                             iovec{.iov_base = name->data(), .iov_len = name->size()}};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  if (file.isOpen()) {
    const int descriptor = file.get();
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const passed = CMSG_FIRSTHDR(&message);
    passed->cmsg_level = SOL_SOCKET;
    passed->cmsg_type = SCM_RIGHTS;
    passed->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(passed), &descriptor, sizeof descriptor);
  }
  ::sendmsg(connection, &message, MSG_NOSIGNAL);
}

/// As tcpdump runs it: found by PATH, beside the capture, which it must not slow down.
void runCommand(const Task& task, const Request& request) {
  const Result<std::string> name = rotatedName(task.names, request.begun, request.number);
  if (!task.command || !name) return;
  const pid_t child = ::fork();
  if (child > 0) return;
  int problem = errno;
  if (child == 0) {
    constexpr int kLowestPriority = 19;
    ::setpriority(PRIO_PROCESS, 0, kLowestPriority);
    restoreSignals();
    ::execlp(task.command->c_str(), task.command->c_str(), name->c_str(), nullptr);
    problem = errno;
  }
  const std::string line = "vsdump: cannot run " + escaped(*task.command) + " on " +
                           escaped(*name) + ": " + std::generic_category().message(problem) + '\n';
  std::fputs(line.c_str(), stderr);
  if (child == 0) ::_exit(1);
}

}  // namespace

void serve(int connection, const Task& task) {
  Request request;
  while (true) {
    const ssize_t size = ::recv(connection, &request, sizeof request, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size != sizeof request) return;
    if (request.wanted == Wanted::Command) {
      runCommand(task, request);
    } else {
      answerFile(connection, task, request);
    }
  }
}

}  // namespace vsdump::output_opener
