// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capture/error.h"
#include "capture/file/descriptor.h"
#include "cli/run/filter_use.h"
#include "cli/run/signals.h"
#include "dissector/filter/selector.h"

namespace vsdump {

/// A capture file that is open, and not looked into yet.
struct Input {
  Descriptor descriptor;
  std::string name;
};

/// Opens what -r and -V name.
/// **Errors** as openInput(); Usage when the filter has to be told what comes later in an input
/// that cannot be read twice.
Result<std::vector<Input>> openInputs(const Options& options, const filter::Filter& filter);

/// The filter, ready to be asked about the packets of these inputs in their order. Where it needs
/// to know what becomes of the connections, this reads all of them to the end and goes back to
/// where they began; -v says so.
Result<std::unique_ptr<filter::Selector>> selectorFor(const GivenFilter& given,
                                                      const Options& options,
                                                      const std::vector<Input>& inputs,
                                                      const Signals& signals);

/// The filter for packets that come as they happen. What it cannot know yet is said.
std::unique_ptr<filter::Selector> liveSelector(const GivenFilter& given);

}  // namespace vsdump
