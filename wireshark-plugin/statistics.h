// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump {

/// Makes the statistics tree known: -z vsockmon,tree.
void registerStatistics();

}  // namespace vsdump
