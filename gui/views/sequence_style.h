// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump::gui {

/// The strip with the lanes' names above the sequence diagram, in pixels.
inline constexpr double kHeaderHeight = 32;

}  // namespace vsdump::gui
