// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/extcap/extcap_capture.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include "capture/file/descriptor.h"
#include "capture/live/privileges.h"
#include "capture/sandbox.h"
#include "cli/extcap/record_relay.h"
#include "cli/run/filter_use.h"
#include "cli/run/messages.h"
#include "dissector/filter/needs.h"

extern char** environ;

namespace vsdump {

namespace {

constexpr int kStatisticsEveryMs = 1000;

/// For the shell at the other end of ssh.
std::string quotedForShell(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

Result<Pipe> makePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return tl::unexpected(systemError("make a pipe", {}, errno));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// The signals with which Wireshark and people end a capture.
sigset_t endingSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

/// Starts the program that captures.
Result<pid_t> start(const std::vector<std::string>& command, const Pipe& out, const Pipe& err) {
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out.writing.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.writing.get(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int problem =
      ::posix_spawnp(&child, words[0], &actions, &attributes, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (problem == 0) return child;
  Error error = systemError("start", command[0], problem);
  if (command[0] == "ssh") error.hint = "Debian has it in the package openssh-client.";
  return tl::unexpected(std::move(error));
}

/// Where ssh goes, as words of its command line.
std::vector<std::string> wayToHost(const ExtcapOptions& options) {
  std::vector<std::string> words;
  if (!options.port.empty()) words.insert(words.end(), {"-p", options.port});
  if (!options.user.empty()) words.insert(words.end(), {"-l", options.user});
  words.insert(words.end(), {"--", options.host});
  return words;
}

/// What people can try in a terminal where ssh fails.
std::string trialOf(const ExtcapOptions& options) {
  std::string command = "ssh";
  for (const std::string& word : wayToHost(options)) command += ' ' + word;
  return command + ' ' + options.command + " --version";
}

/// A capture at work.
class ExtcapSession {
 public:
  /// `trial` is a command with which people find out what is wrong with ssh.
  ExtcapSession(std::string trial, Services services, Descriptor fifo, Toolbar& toolbar,
                pid_t child, Descriptor out, Descriptor err, Descriptor signals)
      : trial_(std::move(trial)),
        services_(std::move(services)),
        fifo_(std::move(fifo)),
        toolbar_(toolbar),
        child_(child),
        out_(std::move(out)),
        err_(std::move(err)),
        signals_(std::move(signals)) {}

  Result<int> run() {
    while (out_.isOpen() || err_.isOpen()) {
      if (Result<void> done = step(); !done) {
        stop();
        int status = 0;
        out_ = Descriptor();
        ::waitpid(child_, &status, 0);
        return tl::unexpected(done.error());
      }
    }
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) continue;
    sayStatistics();
    const bool isWell = WIFEXITED(status) && WEXITSTATUS(status) == kExitDone;
    if (isWell || isStopping_) return kExitDone;
    std::fwrite(words_.data(), 1, words_.size(), stderr);
    if (WIFEXITED(status)) explain(WEXITSTATUS(status));
    if (words_.empty()) say("the capturing program ended without a word");
    return kExitError;
  }

 private:
  /// The statuses that ssh, and the shell at its other end, have for themselves.
  void explain(int status) {
    if (status == 255) {
      say("ssh itself failed. It has to reach the host without a question: try \"" + trial_ +
          "\" in a terminal");
    }
    if (status == 127) {
      say("the host has no such command: it is set in the options of the interface");
    }
  }

  Result<void> step() {
    std::array<pollfd, 5> waits{pollfd{out_.get(), POLLIN, 0},
                                {err_.get(), POLLIN, 0},
                                {toolbar_.descriptor(), POLLIN, 0},
                                {signals_.get(), POLLIN, 0},
                                {isStopping_ ? -1 : fifo_.get(), 0, 0}};
    if (::poll(waits.data(), waits.size(), kStatisticsEveryMs) < 0 && errno != EINTR) {
      return tl::unexpected(systemError("wait for packets", {}, errno));
    }
    // Wireshark has closed its end, or wants no more.
    if (waits[3].revents != 0 || (waits[4].revents & (POLLERR | POLLHUP)) != 0) stop();
    if (waits[2].revents != 0) toolbar_.read([this](std::string_view text) { select(text); });
    if (waits[1].revents != 0) hear();
    if (waits[0].revents != 0) return handOn();
    sayStatistics();
    return {};
  }

  Result<void> handOn() {
    std::array<std::byte, 65536> buffer;
    const ssize_t count = ::read(out_.get(), buffer.data(), buffer.size());
    if (count <= 0) {
      if (count == 0 || errno != EINTR) out_ = Descriptor();
      return {};
    }
    handedOn_.clear();
    Result<void> taken =
        relay_.take(std::span(buffer).first(static_cast<std::size_t>(count)), handedOn_);
    if (!taken) return taken;
    std::span<const std::byte> rest = handedOn_;
    while (!rest.empty() && !isStopping_) {
      const ssize_t written = ::write(fifo_.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) stop();
      rest = rest.subspan(written < 0 ? rest.size() : static_cast<std::size_t>(written));
    }
    return {};
  }

  /// What the capturing program says is shown where it fails: Wireshark takes all that it hears on
  /// standard error for an error.
  void hear() {
    constexpr std::size_t kMost = 16384;
    std::array<char, 4096> buffer;
    const ssize_t count = ::read(err_.get(), buffer.data(), buffer.size());
    if (count == 0 || (count < 0 && errno != EINTR)) err_ = Descriptor();
    if (count <= 0) return;
    const std::string_view words(buffer.data(), static_cast<std::size_t>(count));
    toolbar_.log(words.substr(0, words.find_last_not_of('\n') + 1));
    if (words_.size() < kMost) words_ += words;
  }

  void select(std::string_view text) {
    Result<GivenFilter> given = filterOf(std::string(text), services_);
    if (!given) return toolbar_.warn(describe(given.error()));
    if (filter::needOf(*given->filter.expression()) != filter::Need::Record) {
      return toolbar_.warn(
          "\"Show only\" looks at single packets; conditions on connections are for the filter "
          "that the capture is started with.");
    }
    relay_.select(std::move(given->filter));
    toolbar_.log(text.empty() ? "all packets from here on"
                              : "from here on only " + std::string(text));
  }

  void sayStatistics() {
    if (relay_.packets() == saidPackets_) return;
    saidPackets_ = relay_.packets();
    toolbar_.log(std::to_string(relay_.packets()) + " packets, " + std::to_string(relay_.bytes()) +
                 " bytes, " + std::to_string(relay_.handedOn()) + " packets handed on");
  }

  void stop() {
    if (!isStopping_) ::kill(child_, SIGTERM);
    isStopping_ = true;
    signals_ = Descriptor();
  }

  std::string trial_;
  Services services_;
  Descriptor fifo_;
  Toolbar& toolbar_;
  pid_t child_;
  Descriptor out_;
  Descriptor err_;
  Descriptor signals_;
  RecordRelay relay_;
  std::vector<std::byte> handedOn_;
  std::string words_;
  std::uint64_t saidPackets_ = 0;
  bool isStopping_ = false;
};

}  // namespace

std::vector<std::string> capturingCommand(const ExtcapOptions& options) {
  const std::vector<std::string> writing{"-w", "-", "-U", "--time-stamp-precision=nano"};
  std::vector<std::string> command;
  if (options.interface == kExtcapHere) {
    command = {"/proc/self/exe"};
    command.insert(command.end(), writing.begin(), writing.end());
    if (!options.device.empty()) command.insert(command.end(), {"-i", options.device});
    if (!options.filter.empty()) command.insert(command.end(), {"--", options.filter});
    return command;
  }
  // No terminal is there to ask for a password.
  command = {"ssh", "-o", "BatchMode=yes"};
  for (const std::string& word : wayToHost(options)) command.push_back(word);
  std::string remote = options.command;
  for (const std::string& word : writing) remote += ' ' + word;
  if (!options.filter.empty()) remote += " -- " + quotedForShell(options.filter);
  command.push_back(remote);
  return command;
}

Result<int> captureForWireshark(const ExtcapOptions& options, Toolbar& toolbar) {
  // First of all: while nobody has opened it Wireshark takes the capture to be running.
  Descriptor fifo(::open(options.fifo.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fifo.isOpen())
    return tl::unexpected(systemError("open Wireshark's pipe", options.fifo, errno));
  if (const Result<void> there = checkHost(options); !there) return tl::unexpected(there.error());
  const Services services = readServices();
  if (const auto given = filterOf(options.filter, services); !given) {
    return tl::unexpected(given.error());
  }
  const Result<Account> account = accountToBecome(std::nullopt);
  if (!account) return tl::unexpected(account.error());
  const sigset_t ending = endingSignals();
  ::sigprocmask(SIG_BLOCK, &ending, nullptr);
  Descriptor signals(::signalfd(-1, &ending, SFD_CLOEXEC));
  Result<Pipe> out = makePipe();
  if (!out) return tl::unexpected(out.error());
  Result<Pipe> err = makePipe();
  if (!err) return tl::unexpected(err.error());
  const Result<pid_t> child = start(capturingCommand(options), *out, *err);
  if (!child) return tl::unexpected(child.error());
  out->writing = Descriptor();
  err->writing = Descriptor();
  // From here on strangers' packets are looked at. What root has started as root is still to be
  // ended: the sandbox sees to it that nothing else is.
  Result<void> confined = becomeAccount(*account, CAP_KILL);
  if (confined) confined = enterSandbox(*child);
  if (!confined) {
    ::kill(*child, SIGTERM);
    return tl::unexpected(confined.error());
  }
  return ExtcapSession(trialOf(options), services, std::move(fifo), toolbar, *child,
                       std::move(out->reading), std::move(err->reading), std::move(signals))
      .run();
}

}  // namespace vsdump
