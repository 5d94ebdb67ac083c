// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "capture/error.h"

namespace vsdump::gui {

/// Has a program that root has started go on as `user`, or as who called sudo or pkexec, as if that
/// user had started it: with that user's folders, and the right to capture to be asked for. Does
/// nothing where another user has started it, or where `user` is root.
///
/// **Threads** Must be called before any other thread is started: it changes the environment.
/// **Errors** Usage where there is nobody to become; otherwise as accountToBecome() and
/// becomeUser(). The process must end then.
Result<void> giveUpRootsRights(const std::optional<std::string>& user);

}  // namespace vsdump::gui
