// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The banners of SSH and the algorithms that both sides agree on. What follows is encrypted.
/// **Source** RFC 4253, sections 4.2, 6 and 7.1.
extern const Protocol kSsh;

}  // namespace vsdump::payload
