// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace vsdump {

/// The long option that somebody who wrote `name` (without dashes) may have meant: the one that
/// takes the fewest changes of letters, and not too many; none when no option is near.
std::optional<std::string_view> closestLongOption(std::string_view name);

/// The command that somebody who wrote `name` may have meant, likewise.
std::optional<std::string_view> closestCommand(std::string_view name);

}  // namespace vsdump
