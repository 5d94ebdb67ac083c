// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The command-executer of AWS Nitro Enclaves' samples: one command a connection, which runs a
/// program or copies a file.
/// **Source** aws-nitro-enclaves-cli samples/command_executer/src/lib.rs, protocol_helpers.rs.
extern const Protocol kCommandExecuter;

}  // namespace vsdump::payload
