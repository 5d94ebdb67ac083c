// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/extcap/extcap.h"

#include <cstdio>
#include <string_view>

#include "cli/extcap/extcap_capture.h"
#include "cli/extcap/extcap_texts.h"
#include "cli/run/filter_use.h"
#include "cli/run/messages.h"

namespace vsdump {

namespace {

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? kExitDone : kExitError;
}

/// Wireshark takes a filter for right where nothing is printed about it.
int printProblemOf(const std::string& filter) {
  const Result<GivenFilter> given = filterOf(filter, readServices());
  return given ? kExitDone : print(describe(given.error()) + '\n');
}

}  // namespace

bool isExtcapCall(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with("--extcap-")) return true;
  }
  return false;
}

int runExtcap(int argc, const char* const* argv) {
  const Result<ExtcapOptions> options = parseExtcapCall(argc, argv);
  if (!options) return fail(options.error());
  switch (options->question) {
    case ExtcapQuestion::Interfaces:
      return print(extcapInterfaces());
    case ExtcapQuestion::LinkTypes:
      return print(extcapLinkTypes());
    case ExtcapQuestion::Configuration:
      return print(extcapConfiguration(options->interface));
    case ExtcapQuestion::IsFilterRight:
      return printProblemOf(options->filter);
    case ExtcapQuestion::Capture:
      break;
  }
  Result<Toolbar> toolbar = Toolbar::open(options->controlIn, options->controlOut);
  if (!toolbar) return fail(toolbar.error());
  const Result<int> captured = captureForWireshark(*options, *toolbar);
  const int exitCode = captured ? *captured : fail(captured.error());
  toolbar->awaitWireshark();
  return exitCode;
}

}  // namespace vsdump
