// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <thread>
#include <vector>

namespace vsdump {
namespace {

void enter() {
  if (!enterSandbox()) _exit(99);
}

/// The process says which call it was stopped at, and ends with the exit code of an error.
#define EXPECT_STOPPED(call, words) \
  EXPECT_EXIT(                      \
      {                             \
        enter();                    \
        static_cast<void>(call);    \
        _exit(0);                   \
      },                            \
      testing::ExitedWithCode(2), "stopped by its sandbox: the system call " words)

TEST(Sandbox, StopsWhoRunsAProgram) {
  char* const words[] = {nullptr};
  EXPECT_STOPPED(execve("/bin/true", words, words), "execve ");
}

TEST(Sandbox, StopsWhoOpensAFile) {
  EXPECT_STOPPED(open("/etc/passwd", O_RDONLY), "openat ");
  EXPECT_STOPPED(open("/tmp/made-by-a-test", O_WRONLY | O_CREAT, 0600), "openat ");
  EXPECT_STOPPED(unlink("/tmp/made-by-a-test"), "unlink ");
  EXPECT_STOPPED(rename("/tmp/a", "/tmp/b"), "rename ");
  EXPECT_STOPPED(chmod("/tmp/a", 0), "chmod ");
}

TEST(Sandbox, StopsWhoMakesASocket) {
  EXPECT_STOPPED(socket(AF_INET, SOCK_STREAM, 0), "socket ");
  EXPECT_STOPPED(socket(AF_UNIX, SOCK_STREAM, 0), "socket ");
}

TEST(Sandbox, StopsWhoMakesAProcessOrSignalsOne) {
  EXPECT_STOPPED(fork(), "clone ");
  EXPECT_STOPPED(kill(1, 0), "kill ");
  EXPECT_STOPPED(fcntl(STDIN_FILENO, F_SETOWN, 1), "fcntl ");
  EXPECT_STOPPED(fcntl(STDIN_FILENO, F_SETSIG, SIGKILL), "fcntl ");
  EXPECT_STOPPED(fcntl(STDIN_FILENO, F_SETFL, O_ASYNC), "fcntl ");
}

TEST(Sandbox, LetsAChildBeEndedAndNobodyElse) {
  EXPECT_EXIT(
      {
        const pid_t child = fork();
        if (child == 0) {
          pause();
          _exit(0);
        }
        if (!enterSandbox(child)) _exit(99);
        kill(child, SIGTERM);
        int status = 0;
        _exit(waitpid(child, &status, 0) == child && WTERMSIG(status) == SIGTERM ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
  const auto parent = getpid();
  const auto enterFor = [](pid_t process, auto call) {
    if (!enterSandbox(process)) _exit(99);
    call();
    _exit(0);
  };
  EXPECT_EXIT(enterFor(parent, [&] { kill(parent, SIGKILL); }), testing::ExitedWithCode(2),
              " kill ");
  EXPECT_EXIT(enterFor(1, [&] { kill(parent, SIGTERM); }), testing::ExitedWithCode(2), " kill ");
  EXPECT_EXIT(enterFor(1, [] { waitpid(-1, nullptr, WNOHANG); }), testing::ExitedWithCode(2),
              " wait4 ");
}

TEST(Sandbox, StopsWhoMakesMemoryExecutable) {
  EXPECT_STOPPED(mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                 "mmap ");
  EXPECT_STOPPED(mprotect(nullptr, 4096, PROT_READ | PROT_EXEC), "mprotect ");
}

TEST(Sandbox, StopsWhoAsksForAStatusByPath) {
  struct stat status {};
  EXPECT_STOPPED(stat("/etc/passwd", &status), "newfstatat ");
}

TEST(Sandbox, HoldsForThreadsThatWereThereBefore) {
  EXPECT_EXIT(
      {
        std::atomic<bool> isEntered{false};
        std::thread other([&] {
          while (!isEntered) std::this_thread::yield();
          static_cast<void>(socket(AF_INET, SOCK_STREAM, 0));
        });
        enter();
        isEntered = true;
        other.join();
        _exit(0);
      },
      testing::ExitedWithCode(2), "the system call socket ");
}

TEST(Sandbox, LetsWorkOnWhatIsOpenGoOn) {
  EXPECT_EXIT(
      {
        std::FILE* const file = std::tmpfile();
        enter();
        std::thread([] { std::vector<char> large(std::size_t{64} << 20, 'x'); }).join();
        struct stat status {};
        const bool isDone = std::fputs("text", file) >= 0 && std::fflush(file) == 0 &&
                            fstat(fileno(file), &status) == 0 && status.st_size == 4 &&
                            ftruncate(fileno(file), 2) == 0 && isatty(fileno(file)) == 0;
        _exit(isDone ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Sandbox, LetsASecondInterruptEndTheProcess) {
  EXPECT_EXIT(
      {
        enter();
        std::signal(SIGINT, SIG_DFL);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(Sandbox, LetsAThreadGiveBackMuchMemoryWhateverThreadsThereWere) {
  // A process that has had no thread yet.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        prepareForSandbox();
        std::thread([] { std::vector<char> some(1000, 'x'); }).join();
        enter();
        std::thread([] {
          // Pieces small enough to lie in the thread's heap, which shrinks when they go.
          std::vector<std::vector<char>> pieces;
          for (int i = 0; i < 512; ++i) pieces.emplace_back(std::size_t{32} * 1024, 'x');
          while (!pieces.empty()) pieces.pop_back();
        }).join();
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace vsdump
