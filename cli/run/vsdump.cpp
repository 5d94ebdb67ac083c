// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/vsdump.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "cli/extcap/extcap.h"
#include "cli/options/parser.h"
#include "cli/run/commands.h"
#include "cli/run/filter_use.h"
#include "cli/run/information.h"
#include "cli/run/lists.h"
#include "cli/run/messages.h"
#include "cli/run/packet_run.h"

namespace vsdump {

namespace {

/// Has standard streams that the caller has closed fail as closed ones do. What is opened next
/// would get their numbers otherwise, and be taken for them.
void holdClosedStandardStreams() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) == -1) ::open("/dev/null", O_PATH);
  }
}

std::terminate_handler otherEnd = nullptr;

/// Memory may be out in any thread and anywhere: nothing can go on then.
[[noreturn]] void onUncaughtException() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    constexpr std::string_view kSentence =
        "vsdump: out of memory: the system, or a limit such as that of ulimit -v, gives no more\n";
    [[maybe_unused]] const ssize_t written =
        ::write(STDERR_FILENO, kSentence.data(), kSentence.size());
    ::_exit(kExitError);
  } catch (...) {
    otherEnd();
  }
  std::abort();
}

int run(int argc, const char* const* argv) {
  if (isExtcapCall(argc, argv)) return runExtcap(argc, argv);
  const Result<Options> options = parseCommandLine(argc, argv);
  if (!options) return fail(options.error());
  if (options->command != Command::Packets) {
    const Result<int> exitCode = runCommand(*options);
    return exitCode ? *exitCode : fail(exitCode.error());
  }
  switch (options->action) {
    case Action::Packets: {
      const Result<void> ran = runPackets(*options);
      if (ran) return kExitDone;
      Error error = ran.error();
      if (error.kind == ErrorKind::Usage) {
        if (std::string hint = commandHint(argc, argv); !hint.empty()) error.hint = hint;
      }
      return fail(error);
    }
    case Action::PrintFilterCode: {
      const Result<int> exitCode = printFilterCode(*options);
      return exitCode ? *exitCode : fail(exitCode.error());
    }
    case Action::ListInterfaces:
      return listInterfaces(*options);
    case Action::ListLinkTypes:
      return listLinkTypes(*options);
    case Action::ListTimestampTypes:
      return listTimestampTypes(*options);
    case Action::ListPorts:
      return listPorts();
    case Action::Help:
      return printHelp(options->command);
    case Action::Version:
      return printVersion();
    case Action::PrintManPage:
      return printManPage(options->manPage);
    case Action::PrintCompletion:
      return printCompletion(options->completionShell);
  }
  return kExitDone;
}

}  // namespace

int runVsdump(int argc, const char* const* argv) {
  holdClosedStandardStreams();
  // A closed pipe and a limit on file sizes are then errors of write().
  for (const int number : {SIGPIPE, SIGXFSZ}) std::signal(number, SIG_IGN);
  otherEnd = std::set_terminate(onUncaughtException);
  tzset();  // localtime_r() need not look the time zone up
  return exitCodeAfter(run(argc, argv));
}

}  // namespace vsdump
