// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "capture/error.h"
#include "cli/options/named_files.h"
#include "cli/options/options.h"

namespace vsdump {

/// What the words of a command line ask for; argv[0] is the program's name, as main() gets it.
///
/// Options and filter words may be mixed as in tcpdump: options are taken out wherever they stand,
/// up to a word "--". A command is argv[1] or none, so that "-r FILE port 22 devices" is a filter;
/// it takes the options and words that its row in the command table says. Reads the files of -F and
/// -V, as their contents belong to the answer; apart from that it touches nothing.
/// **Errors** Usage with a sentence that names the option and what to do; the kinds of
/// systemError() and BadInput for the files of -F and -V.
/// **Threads** One thread at a time: getopt_long() keeps its state in globals. It may be called as
/// often as wanted.
Result<Options> parseCommandLine(int argc, const char* const* argv, const NamedFiles& files = {});

}  // namespace vsdump
