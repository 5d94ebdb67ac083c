// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump {

/// Makes the dissector vsockmon.ttrpc known, with its fields.
void registerTtrpc();

/// Finds the dissector of protobuf, which is given what calls carry and which message that is.
void findTtrpcDissectors();

}  // namespace vsdump
