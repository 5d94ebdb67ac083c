// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/capture_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "dissector/text/escape.h"

extern char** environ;

namespace vsdump::gui {

namespace {

/// What a window can show; programs say why they end in their last words.
constexpr std::size_t kMostSaid = 4096;
/// Then the reader looks at other things, however much is said.
constexpr std::size_t kMostHeardAtOnce = 1 << 16;
/// So that a child goes on while the reader is busy for a moment.
constexpr int kPipeBytes = 1 << 20;

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

Result<Pipe> makePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return tl::unexpected(systemError("make a pipe", {}, errno));
  }
  Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

/// What the new process begins with.
class SpawnSetting {
 public:
  SpawnSetting(const Pipe& output, const Pipe& words) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output.writing.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, words.writing.get(), STDERR_FILENO);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    // Without the window's terminal: who asks for a password does so on the desktop, and is not
    // stopped for ever where the window is in the background of its terminal.
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  }
  ~SpawnSetting() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetting(const SpawnSetting&) = delete;
  SpawnSetting& operator=(const SpawnSetting&) = delete;

  int run(const std::vector<std::string>& command, pid_t& process) const {
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    return ::posix_spawnp(&process, words.front(), &actions_, &attributes_, words.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<CaptureChild> CaptureChild::start(const std::vector<std::string>& command) {
  Result<Pipe> output = makePipe();
  if (!output) return tl::unexpected(std::move(output.error()));
  Result<Pipe> words = makePipe();
  if (!words) return tl::unexpected(std::move(words.error()));
  ::fcntl(output->reading.get(), F_SETPIPE_SZ, kPipeBytes);
  pid_t process = -1;
  const int problem = SpawnSetting(*output, *words).run(command, process);
  if (problem != 0) {
    Error error = systemError("start", escaped(command.front()), problem);
    if (command.front() == "pkexec") error.hint = "Debian has it in the package pkexec.";
    if (command.front() == "ssh") error.hint = "Debian has it in the package openssh-client.";
    return tl::unexpected(std::move(error));
  }
  return CaptureChild(command.front(), process, std::move(output->reading),
                      std::move(words->reading));
}

CaptureChild::CaptureChild(std::string name, pid_t process, Descriptor output, Descriptor words)
    : name_(std::move(name)),
      process_(process),
      output_(std::move(output)),
      words_(std::move(words)) {}

CaptureChild::CaptureChild(CaptureChild&& other) noexcept
    : name_(std::move(other.name_)),
      process_(std::exchange(other.process_, -1)),
      output_(std::move(other.output_)),
      words_(std::move(other.words_)),
      line_(std::move(other.line_)),
      said_(std::move(other.said_)) {}

CaptureChild::~CaptureChild() {
  if (process_ < 0) return;
  output_.close();
  words_.close();
  // A process of another user cannot be made to end: it does so by itself, as nobody reads it any
  // more, and perhaps that takes a while. One of this user may have nothing to write, as ssh when
  // its host is silent. Somebody has to take note of the end.
  askToEnd();
  std::thread([process = process_] { ::waitpid(process, nullptr, 0); }).detach();
}

void CaptureChild::readWords(const std::function<void(std::string_view)>& take) {
  std::optional<std::string> last;
  for (std::size_t heard = 0; words_.isOpen() && heard < kMostHeardAtOnce;) {
    std::array<char, 4096> piece{};
    const ssize_t count = ::read(words_.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count <= 0) words_ = Descriptor();
    if (count > 0) line_.append(piece.data(), static_cast<std::size_t>(count));
    heard += piece.size();
    for (std::size_t end = 0; (end = line_.find('\n')) != std::string::npos;) {
      last = keepLine(end);
      line_.erase(0, 1);
    }
    const bool isOver = !words_.isOpen() || line_.size() > kMostSaid;
    if (isOver && !line_.empty()) last = keepLine(line_.size());
  }
  if (last) take(*last);
}

/// Moves the beginning of what was heard to what was said.
std::string CaptureChild::keepLine(std::size_t size) {
  std::string_view line(line_.data(), size);
  // ssh, which may have a terminal, ends its lines so.
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::string kept = escaped(line);
  line_.erase(0, size);
  said_ += (said_.empty() ? "" : "\n") + kept;
  if (said_.size() > kMostSaid) said_.erase(0, said_.size() - kMostSaid);
  return kept;
}

void CaptureChild::askToEnd() const {
  ::kill(process_, SIGTERM);
}

Result<void> CaptureChild::end(std::chrono::milliseconds patience, const std::stop_token& stop,
                               const std::function<void(std::string_view)>& take) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kBetweenLooks{5};
  const Clock::time_point late = Clock::now() + patience;
  int status = 0;
  pid_t ended = 0;
  while (ended == 0 && Clock::now() < late && !stop.stop_requested()) {
    readWords(take);
    ended = ::waitpid(process_, &status, WNOHANG);
    if (ended == 0) std::this_thread::sleep_for(kBetweenLooks);
  }
  if (ended == 0) return {};  // it has said all that it had to say
  process_ = -1;
  readWords(take);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return tl::unexpected(failure(status));
}

Error CaptureChild::failure(int status) const {
  Error error{.kind = ErrorKind::Io, .attempted = "capture with", .subject = escaped(name_)};
  if (WIFSIGNALED(status)) {
    error.reason = "it was ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
                   ::strsignal(WTERMSIG(status)) + ")";
  } else {
    error.reason = "it ended with exit code " + std::to_string(WEXITSTATUS(status));
  }
  if (!said_.empty()) error.hint = "It said:\n" + said_;
  return error;
}

}  // namespace vsdump::gui
