// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "dissector/connection/finding.h"

namespace vsdump {

/// What happened, why, and what to do next, in whole sentences for a person. Made of numbers and of
/// text of its own, so nothing needs escaping.
std::string messageOf(const Finding& finding);

/// "host:5000", "42:1234"; with `numeric` "2:5000".
std::string endText(const Address& address, bool numeric);

}  // namespace vsdump
