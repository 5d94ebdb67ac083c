// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "cli/options/options.h"

namespace vsdump {

/// Writes a text to standard output and returns the exit code. A reader that goes away is no error.
int printText(std::string_view text);

/// -h, --version, --print-man-page, --print-completion.
int printHelp(Command command);
int printVersion();
int printManPage(ManPage page);
int printCompletion(Shell shell);

/// --list-ports: every row of the ports files and of the built-in table, in the form of a ports
/// file. Lines of files that were left out are said on standard error.
int listPorts();

}  // namespace vsdump
