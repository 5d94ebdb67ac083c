// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The log of Kata Containers' agent: lines of JSON, which the guest writes and nobody answers.
/// **Source** protocols.md 1.1, port 1025.
extern const Protocol kKataLog;

}  // namespace vsdump::payload
