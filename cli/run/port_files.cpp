// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/port_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "cli/options/named_files.h"

namespace vsdump {

namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

/// Whether there is a file to read; what cannot be looked at is told by reading it.
bool exists(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 || errno != ENOENT;
}

/// Whether to read it would wait for somebody to write.
bool isPipe(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISFIFO(found.st_mode);
}

}  // namespace

std::vector<std::string> portFilePaths() {
  std::vector<std::string> paths{"/etc/vsdump/ports"};
  if (const auto folder = environment("XDG_CONFIG_HOME"); folder.starts_with('/')) {
    paths.push_back(fmt::format("{}/vsdump/ports", folder));
  } else if (const auto home = environment("HOME"); home.starts_with('/')) {
    paths.push_back(fmt::format("{}/.config/vsdump/ports", home));
  }
  return paths;
}

NamedPorts readPortFiles(const std::vector<std::string>& paths) {
  NamedPorts named;
  for (const std::string& path : paths) {
    if (!exists(path)) continue;
    if (isPipe(path)) {
      named.problems.push_back(fmt::format("{} is left out: it is a pipe", path));
      continue;
    }
    const Result<std::string> text = readPortsFile(path);
    if (!text) {
      named.problems.push_back(describe(text.error()));
      continue;
    }
    named.files.push_back(path);
    for (const ServiceFileProblem& problem : named.services.addFile(*text)) {
      named.problems.push_back(
          fmt::format("{}, line {} is left out: {}", path, problem.line, problem.message));
    }
  }
  return named;
}

}  // namespace vsdump
