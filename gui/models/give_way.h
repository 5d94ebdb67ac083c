// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump::gui {

/// Has the calling thread, and those that it starts from now on, give way to the window's: where
/// there are more threads than processors, the window would wait for its turn among them.
///
/// **Units** steps of nice(2), added to those of the program.
/// **Errors** none: at worst it is as before.
void giveWay(int steps);

}  // namespace vsdump::gui
