// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace vsdump {

/// "262,144".
std::string grouped(std::uint64_t value);

/// "1 byte", "262,144 bytes".
std::string counted(std::uint64_t count, const char* what);

/// "790 us", "31.4 ms", "12.4 s", "2 h 5 min": for reading, with one decimal at most.
std::string durationText(std::uint64_t nanoseconds);

/// "0 B", "48.1 KiB", "812.0 MiB".
std::string sizeText(std::uint64_t bytes);

}  // namespace vsdump
