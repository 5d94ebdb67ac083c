// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump {

/// The whole program: what main() calls with its arguments. Returns the exit code.
int runVsdump(int argc, const char* const* argv);

}  // namespace vsdump
