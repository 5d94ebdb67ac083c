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

namespace vsdump {

Result<filter::Filter> filterOf(const Options& options) {
  NamedPorts ports;
  if (!options.filter.empty()) ports = readPortFiles(portFilePaths());
  for (const std::string& problem : ports.problems) say(problem);
  const auto filter = filter::parse(options.filter, ports.services);
  if (filter) return *filter;
  const filter::Problem& problem = filter.error();
  const std::string drawing = '\n' + filter::drawing(problem, options.filter);
  const std::string reason =
      problem.message + " (" + filter::placeOf(problem, options.filter) + ')';
  return tl::unexpected(
      Error{.kind = ErrorKind::Usage,
            .attempted = "read the filter",
            .reason = problem.suggestion.empty() ? reason + drawing : reason,
            .hint = problem.suggestion.empty() ? std::string{} : problem.suggestion + drawing});
}

bool followsConnections(const Options& options) {
  return !options.quiet && !options.countOnly && !options.writeFile;
}

SplitFilter splitForKernel(const filter::Filter& filter, const Options& options) {
  // A connection's number, credit and findings must not depend on the filter.
  return kernelPart(filter,
                    followsConnections(options) ? KernelScope::Connections : KernelScope::Packets);
}

Result<int> printFilterCode(const Options& options) {
  const Result<filter::Filter> filter = filterOf(options);
  if (!filter) return tl::unexpected(filter.error());
  const SplitFilter split = kernelPart(*filter, KernelScope::Packets);
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
  if (std::fflush(stdout) != 0) {
    return tl::unexpected(systemError(ErrorKind::Io, "write to", "standard output", errno));
  }
  return kExitDone;
}

}  // namespace vsdump
