// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The sign that an AWS Nitro enclave has booted: one byte to port 9000 of its parent, and the same
/// back. No packet tells when the enclave was started; where its console was captured before, the
/// time since that began is told.
/// **Source** aws-nitro-enclaves-cli src/enclave_proc/resource_manager.rs, eif_loader/src/lib.rs.
extern const Protocol kNitroHeartbeat;

/// The console of an enclave: port CID + 10000 of the hypervisor, which sends text and is sent
/// nothing. Its lines are told with secrets only, as programs print what they like.
/// **Source** aws-nitro-enclaves-cli src/lib.rs, src/utils.rs.
extern const Protocol kNitroConsole;

}  // namespace vsdump::payload
