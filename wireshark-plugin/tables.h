// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump {

/// Makes known: the tables of conversations and endpoints (-z conv,vsockmon, -z endpoints,
/// vsockmon), the follower of streams (-z follow,vsockmon,…) and the conversation filter.
void registerTables(int protocol);

}  // namespace vsdump
