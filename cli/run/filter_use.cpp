// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/filter_use.h"

#include <pcap/pcap.h>

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

SplitFilter splitForKernel(const filter::Filter& filter, const Options&) {
  // Nothing looks at more than one packet at a time, so that none is missed that the kernel drops.
  return kernelPart(filter, KernelScope::Packets);
}

Result<int> printFilterCode(const Options& options) {
  const Result<filter::Filter> filter = filterOf(options);
  if (!filter) return tl::unexpected(filter.error());
  const SplitFilter split = splitForKernel(*filter, options);
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
  return kExitDone;
}

}  // namespace vsdump
