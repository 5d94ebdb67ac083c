// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/extcap/extcap.h"

#include <string_view>

#include "cli/extcap/extcap_capture.h"
#include "cli/extcap/extcap_texts.h"
#include "cli/run/filter_use.h"
#include "cli/run/information.h"
#include "cli/run/messages.h"

namespace vsdump {

namespace {

/// Wireshark takes a filter for right where nothing is printed about it.
int printProblemOf(const std::string& filter) {
  const Result<GivenFilter> given = filterOf(filter, readServices());
  return given ? kExitDone : printText(describe(given.error()) + '\n');
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
      return printText(extcapInterfaces());
    case ExtcapQuestion::LinkTypes:
      return printText(extcapLinkTypes());
    case ExtcapQuestion::Configuration:
      return printText(extcapConfiguration(options->interface));
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
