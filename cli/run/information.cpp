// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/information.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "capture/library_versions.h"
#include "cli/options/generated_texts.h"
#include "cli/run/messages.h"
#include "cli/run/output.h"
#include "cli/run/port_files.h"
#include "dissector/names/protocol_names.h"
#include "dissector/text/escape.h"

namespace vsdump {

namespace {

constexpr std::size_t kColumns = 80;

/// Columns of the terminal, no more than 80: long lines read badly.
std::size_t helpWidth() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kColumns;
  return std::min<std::size_t>(size.ws_col, kColumns);
}

std::string_view wordFor(ListeningSide side) {
  switch (side) {
    case ListeningSide::Host:
      return "host";
    case ListeningSide::Guest:
      return "guest";
    case ListeningSide::Hypervisor:
      return "hypervisor";
    case ListeningSide::Any:
      break;
  }
  return "any";
}

/// A row as a ports file has it.
void putService(std::string& out, const Service& service) {
  std::string ports = fmt::format("{}", raw(service.first));
  if (service.last != service.first) ports += fmt::format("-{}", raw(service.last));
  ports += fmt::format("/{}", findName(service.type)->word);
  std::string line =
      fmt::format("{:<20} {:<23} {:<10}", escaped(service.name), ports, wordFor(service.side));
  if (!service.description.empty()) line += fmt::format("  # {}", escaped(service.description));
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

}  // namespace

int printText(std::string_view text) {
  Output output(STDOUT_FILENO, "standard output");
  output.buffer().put(text);
  const Result<void> written = output.flush();
  return written ? kExitDone : fail(written.error());
}

int printHelp(Command command) {
  return printText(commandHelpText(command, helpWidth()));
}

int printVersion() {
  return printText(versionText(libraryVersions()));
}

int printManPage(ManPage page) {
  return printText(manPage(page));
}

int printCompletion(Shell shell) {
  return printText(completionScript(shell));
}

int listPorts() {
  const NamedPorts ports = readPortFiles(portFilePaths());
  for (const std::string& problem : ports.problems) say(problem);
  std::string out;
  if (!ports.services.userServices().empty()) {
    out += "# From";
    for (const std::string& file : ports.files) out += ' ' + escaped(file);
    out += "; the first row that fits a port counts\n";
    for (const Service& service : ports.services.userServices()) putService(out, service);
    out += '\n';
  }
  out += "# Built in\n";
  for (const Service& service : builtinServices()) putService(out, service);
  return printText(out);
}

}  // namespace vsdump
