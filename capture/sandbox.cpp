// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/sandbox.h"

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <type_traits>

namespace vsdump {

void prepareForSandbox() {
  mallopt(M_ARENA_MAX, 1);
}

#ifdef VSDUMP_WITHOUT_SANDBOX

Result<void> enterSandbox(std::optional<pid_t> /*child*/) {
  return {};
}

#else

namespace {

constexpr int kExitCode = 2;

/// What works on descriptors that are open, on memory, time, signals and threads of one's own.
constexpr auto kAllowed = std::to_array<int>({
    // Descriptors.
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pwrite64),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(fstat64),
    SCMP_SYS(ftruncate),
    SCMP_SYS(ftruncate64),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(fadvise64),
    SCMP_SYS(fallocate),
    SCMP_SYS(dup),
    SCMP_SYS(dup3),
    SCMP_SYS(pipe2),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(ppoll_time64),
    SCMP_SYS(pselect6),
    SCMP_SYS(select),
    SCMP_SYS(eventfd2),
    // Sockets that are open: packet sockets, and that to the process that opens files.
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(shutdown),
    // Memory.
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    // Time.
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_gettime64),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_nanosleep_time64),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    // Threads and signals.
    SCMP_SYS(futex),
    SCMP_SYS(futex_time64),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(membarrier),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    // What tells about oneself and the system.
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
});

/// isatty(), the size of the terminal, and the state of the device that is captured on.
constexpr auto kIoctls =
    std::to_array<unsigned long>({TCGETS, TIOCGWINSZ, FIONREAD, SIOCGIFNAME, SIOCGIFFLAGS});

/// What fcntl() may do. Who sets an owner of a descriptor has the kernel signal that process.
constexpr auto kFcntls = std::to_array<int>({F_GETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC});

struct Release {
  void operator()(void* context) const noexcept { seccomp_release(context); }
};
using Context = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release>;

/// The filter as it is built up; the first thing that goes wrong stays.
class Rules {
 public:
  explicit Rules(scmp_filter_ctx context) : context_(context) {}

  void allow(int call) { note(seccomp_rule_add(context_, SCMP_ACT_ALLOW, call, 0)); }
  void allowIf(int call, std::initializer_list<scmp_arg_cmp> conditions) {
    note(seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call,
                                static_cast<unsigned>(conditions.size()), conditions.begin()));
  }
  void answer(int call, int errnoValue) {
    note(seccomp_rule_add(context_, SCMP_ACT_ERRNO(static_cast<std::uint32_t>(errnoValue)), call,
                          0));
  }
  void note(int result) {
    if (result < 0 && problem_ == 0) problem_ = -result;
  }
  /// errno's value, or 0.
  int problem() const { return problem_; }

 private:
  scmp_filter_ctx context_;
  int problem_ = 0;
};

scmp_arg_cmp masked(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

scmp_arg_cmp equals(unsigned argument, scmp_datum_t value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

void addRules(Rules& rules) {
  for (const int call : kAllowed) rules.allow(call);
  for (const unsigned long request : kIoctls) {
    rules.allowIf(SCMP_SYS(ioctl), {equals(1, static_cast<scmp_datum_t>(request))});
  }
  for (const int call : {SCMP_SYS(fcntl), SCMP_SYS(fcntl64)}) {
    for (const int command : kFcntls) {
      rules.allowIf(call, {equals(1, static_cast<scmp_datum_t>(command))});
    }
  }
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)}) {
    rules.allowIf(call, {masked(2, PROT_EXEC, 0)});
  }
  // glibc asks for a descriptor's status by an empty path. A filter cannot look at the path.
  constexpr scmp_datum_t kEmptyPath = 0x1000;  // AT_EMPTY_PATH, linux:include/uapi/linux/fcntl.h
  rules.allowIf(SCMP_SYS(newfstatat), {masked(3, kEmptyPath, kEmptyPath)});
  // Threads, not processes. clone3() hides its flags from filters; glibc then uses clone().
  rules.allowIf(SCMP_SYS(clone), {masked(0, CLONE_THREAD, CLONE_THREAD)});
  rules.answer(SCMP_SYS(clone3), ENOSYS);
  // raise() and abort(), and no signal to others.
  rules.allowIf(SCMP_SYS(tgkill), {equals(0, static_cast<scmp_datum_t>(getpid()))});
  // A thread's or a heap's name is no loss.
  rules.answer(SCMP_SYS(prctl), EINVAL);
}

/// It may end a process of its own, and wait until that is over.
void addChild(Rules& rules, pid_t child) {
  const scmp_arg_cmp itself = equals(0, static_cast<scmp_datum_t>(child));
  rules.allowIf(SCMP_SYS(kill), {itself, equals(1, SIGTERM)});
  rules.allowIf(SCMP_SYS(wait4), {itself});
}

/// The kernel raises SIGSYS at the forbidden call itself. The allocator makes none, so that its
/// locks are free here.
extern "C" void onForbiddenCall(int, siginfo_t* info, void*) {
  char* name = seccomp_syscall_resolve_num_arch(info->si_arch, info->si_syscall);
  std::array<char, 256> line;
  const int length =
      std::snprintf(line.data(), line.size(),
                    "vsdump: stopped by its sandbox: the system call %s (%d) is none that it "
                    "needs. Please report "
                    "this with the input; --no-sandbox goes on without the protection.\n",
                    name != nullptr ? name : "of number", info->si_syscall);
  [[maybe_unused]] const ssize_t written =
      ::write(STDERR_FILENO, line.data(), static_cast<std::size_t>(length));
  _exit(kExitCode);
}

Error refused(int errnoValue) {
  Error error = systemError(ErrorKind::Unsupported, "enter the sandbox", {}, errnoValue);
  error.hint = "Where the kernel has no seccomp filters, --no-sandbox goes on without it.";
  return error;
}

}  // namespace

Result<void> enterSandbox(std::optional<pid_t> child) {
  // Without these two, a program that gains rights by its file could be run under the filter.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return tl::unexpected(refused(errno));
  const Context context(seccomp_init(SCMP_ACT_TRAP));
  if (!context) return tl::unexpected(refused(ENOMEM));
  Rules rules(context.get());
  rules.note(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_TSYNC, 1));
  // Frequent calls are found in few steps.
  rules.note(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
  addRules(rules);
  if (child) addChild(rules, *child);
  if (rules.problem() != 0) return tl::unexpected(refused(rules.problem()));

  struct sigaction action {};
  action.sa_sigaction = onForbiddenCall;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSYS, &action, nullptr);
  if (const int result = seccomp_load(context.get()); result < 0) {
    return tl::unexpected(refused(-result));
  }
  return {};
}

#endif

}  // namespace vsdump
