// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/filter_use.h"

#include <pcap/pcap.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "capture/filter/compiler.h"
#include "cli/run/messages.h"
#include "cli/run/port_files.h"
#include "dissector/filter/needs.h"

namespace vsdump {

Services readServices() {
  NamedPorts ports = readPortFiles(portFilePaths());
  for (const std::string& problem : ports.problems) say(problem);
  return std::make_shared<ServiceNames>(std::move(ports.services));
}

Result<GivenFilter> filterOf(const Options& options) {
  return filterOf(options.filter,
                  options.filter.empty() ? std::make_shared<ServiceNames>() : readServices());
}

Result<GivenFilter> filterOf(const std::string& text, Services services) {
  auto filter = filter::parse(text, *services);
  if (filter) return GivenFilter{.filter = std::move(*filter), .services = std::move(services)};
  const filter::Problem& problem = filter.error();
  const std::string drawing = '\n' + filter::drawing(problem, text);
  const std::string reason = problem.message + " (" + filter::placeOf(problem, text) + ')';
  return tl::unexpected(
      Error{.kind = ErrorKind::Usage,
            .attempted = "read the filter",
            .reason = problem.suggestion.empty() ? reason + drawing : reason,
            .hint = problem.suggestion.empty() ? std::string{} : problem.suggestion + drawing});
}

bool followsConnections(const Options& options) {
  return !options.quiet && !options.countOnly && !options.writeFile;
}

namespace {

/// Whether the filter itself asks for connections, and so must see each packet of them.
bool followsConnections(const filter::Filter& filter) {
  return filter::needOf(*filter.expression()) >= filter::Need::Connection;
}

}  // namespace

SplitFilter splitForKernel(const filter::Filter& filter, const Options& options) {
  // A connection's number, credit and findings must not depend on the filter.
  const bool followsThem = followsConnections(options) || followsConnections(filter);
  return kernelPart(filter, followsThem ? KernelScope::Connections : KernelScope::Packets);
}

Result<int> printFilterCode(const Options& options) {
  const Result<GivenFilter> given = filterOf(options);
  if (!given) return tl::unexpected(given.error());
  const SplitFilter split =
      kernelPart(given->filter, followsConnections(given->filter) ? KernelScope::Connections
                                                                  : KernelScope::Packets);
  const Result<FilterProgram> program = compile(
      split.kernel,
      {.snapshotLengthBytes = options.snapshotLengthBytes, .optimize = options.optimizeFilter});
  if (!program) return tl::unexpected(program.error());
  if (!split.isDecided) {
    say("this is the code for `" + filter::toText(*split.kernel.expression()) +
        "`: the kernel cannot decide the rest");
  }
  const bpf_program view = program->view();
  bpf_dump(&view, options.filterCode);
  if (std::fflush(stdout) != 0 && errno != EPIPE) {
    return tl::unexpected(systemError(ErrorKind::Io, "write to", "standard output", errno));
  }
  return kExitDone;
}

}  // namespace vsdump
