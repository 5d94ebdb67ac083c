// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The heartbeat of an AWS Nitro enclave that has booted: it sends one byte 0xB7 to port 9000 of
/// its parent, which sends it back.
/// **Source** aws-nitro-enclaves-cli eif_loader/src/lib.rs, aws-nitro-enclaves-sdk-bootstrap
/// init/init.c.
extern const Protocol kNitroHeartbeat;

}  // namespace vsdump::payload
