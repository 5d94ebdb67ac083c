// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "capture/error.h"
#include "capture/filter/kernel_part.h"
#include "cli/options/options.h"
#include "dissector/filter/filter.h"
#include "dissector/names/service_names.h"

namespace vsdump {

using Services = std::shared_ptr<const ServiceNames>;

/// A filter that somebody has written, and the names of ports that it may ask for.
struct GivenFilter {
  filter::Filter filter;
  Services services;
};

/// The services of the ports files. What is wrong with these is said.
Services readServices();

/// **Errors** Usage; the sentence ends with a drawing of the place.
Result<GivenFilter> filterOf(const std::string& text, Services services);

/// The filter of the command line.
Result<GivenFilter> filterOf(const Options& options);

/// Whether packets are printed with what the connections that they belong to say about them: what
/// only writes, counts or prints tcpdump's lines looks at each packet by itself.
bool followsConnections(const Options& options);

/// What of it the kernel decides in a live capture: the one place where that is chosen.
SplitFilter splitForKernel(const filter::Filter& filter, const Options& options);

/// Prints the program for the kernel (-d) and returns the exit code.
Result<int> printFilterCode(const Options& options);

}  // namespace vsdump
