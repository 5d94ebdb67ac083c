// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "cli/options/options.h"

namespace vsdump {

/// What --help prints: usage and every option, in lines of at most `width` columns (40 at least).
std::string helpText(std::size_t width);

/// What "vsdump COMMAND --help" prints, likewise.
std::string commandHelpText(Command command, std::size_t width);

/// What --version prints: vsdump's version, then one line for each of `libraries`, which the caller
/// asks for theirs ("libpcap version 1.10.3 (with TPACKET_V3)").
std::string versionText(std::span<const std::string> libraries);

/// vsdump(1) or vsdump-filter(7) as roff, for man(7).
std::string manPage(ManPage page);

/// A script that teaches the shell to complete vsdump's options and their values.
std::string completionScript(Shell shell);

}  // namespace vsdump
