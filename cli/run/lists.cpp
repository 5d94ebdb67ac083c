// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/lists.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/live/open_live.h"
#include "capture/live/private_network.h"
#include "capture/live/vsockmon_device.h"
#include "cli/run/information.h"
#include "cli/run/live_options.h"
#include "cli/run/messages.h"

namespace vsdump {

namespace {

/// tcpdump's layout: a heading on standard output, then an indented line a choice.
int printChoices(std::string_view heading, const std::vector<NamedChoice>& choices) {
  std::string out = fmt::format("{}\n", heading);
  for (const NamedChoice& choice : choices) {
    out += fmt::format("  {} ({})\n", choice.name, choice.description);
  }
  return printText(out);
}

}  // namespace

int listInterfaces(const Options& options) {
  Result<std::vector<VsockmonDevice>> devices;
  const auto list = [&]() -> Result<void> {
    devices = listVsockmonDevices();
    return {};
  };
  const Result<void> entered =
      options.networkNamespace ? inNetworkNamespace(*options.networkNamespace, list) : list();
  if (!entered) return fail(entered.error());
  if (!devices) return fail(devices.error());
  std::string out;
  int number = 0;
  for (const VsockmonDevice& device : *devices) {
    out += fmt::format("{}.{} [{}]\n", ++number, device.name, device.up ? "Up" : "Down");
  }
  if (devices->empty()) say("there is no vsockmon device yet; a capture makes one for itself");
  return printText(out);
}

int listLinkTypes(const Options& options) {
  const auto capture = openLive(liveOptionsOf(options, false));
  if (!capture) return fail(capture.error());
  const LiveSource& source = *capture->source;
  return printChoices(fmt::format("Data link types for {} (use option -y to set):",
                                  source.interfaces().front().name),
                      source.linkTypes());
}

int listTimestampTypes(const Options& options) {
  const auto capture = openLive(liveOptionsOf(options, false));
  if (!capture) return fail(capture.error());
  const LiveSource& source = *capture->source;
  return printChoices(fmt::format("Time stamp types for {} (use option -j to set):",
                                  source.interfaces().front().name),
                      source.timestampTypes());
}

}  // namespace vsdump
