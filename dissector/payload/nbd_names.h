// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace vsdump::payload {

/// Names of NBD's numbers, as its specification writes them; "type 9" for one that it does not
/// have.
std::string nbdOptionName(std::uint32_t option);
std::string nbdRequestName(std::uint16_t type);
/// "NBD_REP_ERR_UNKNOWN" is "ERR_UNKNOWN".
std::string nbdOptionErrorName(std::uint32_t type);
/// "ENOSPC".
std::string nbdErrorName(std::uint32_t error);
/// "fua,df": the flags of a request.
std::string nbdFlagNames(std::uint16_t flags);

}  // namespace vsdump::payload
