// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/messages.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "capture/file/patient_writer.h"
#include "dissector/text/escape.h"

namespace vsdump {

namespace {

/// Whether an error was told that the program has gone on behind.
std::atomic<bool> hasToldError{false};

/// One write, so that lines of several processes do not mix.
void put(const std::string& line) {
  // Who stalls as the program is to end may be the reader of this, too.
  static std::atomic<bool> hasStalled{false};
  if (isPatienceLimited() && !hasStalled) hasStalled = !awaitRoom(STDERR_FILENO);
  if (hasStalled) return;
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void say(std::string_view text) {
  put(fmt::format("vsdump: {}\n", text));
}

void sayPlain(std::string_view text) {
  put(fmt::format("{}\n", text));
}

void say(const SourceNotice& notice, std::string_view sourceName) {
  if (notice.severity == SourceNotice::Severity::Error) hasToldError = true;
  const std::string name = escaped(sourceName);
  if (notice.byteOffset) {
    say(fmt::format("{}: {} (byte {})", name, notice.message, *notice.byteOffset));
  } else {
    say(fmt::format("{}: {}", name, notice.message));
  }
}

void say(const Error& error) {
  say(describe(error));
  hasToldError = true;
}

int fail(const Error& error) {
  say(error);
  return kExitError;
}

int exitCodeAfter(int exitCode) {
  return hasToldError ? kExitError : exitCode;
}

}  // namespace vsdump
