// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <optional>

#include "capture/error.h"

namespace vsdump {

/// Has all threads share one heap. The heaps that they have of their own otherwise open a file of
/// /proc when they shrink for the first time, which the sandbox ends the process for.
///
/// **Threads** before the process starts its first one, which may leave its heap to others.
void prepareForSandbox();

/// Leaves the process nothing but work on what it has open: read, write, wait, ask for memory and
/// the time, talk to its own sockets, start threads. No file is opened, no socket or process made,
/// no program run, no memory made executable from then on; there is no way back.
///
/// A forbidden system call ends the process with exit code 2 and a sentence that names the call.
/// What is wanted later (time zone, names, modules) must be loaded before, and prepareForSandbox()
/// called.
///
/// Builds with sanitizers or for coverage have no sandbox: this does nothing there.
///
/// `child` is a process of its own that it may send SIGTERM to, and wait for.
///
/// **Threads** holds for all threads of the process and those to come.
/// **Errors** Unsupported when the kernel has no seccomp filters; the process is unchanged then.
Result<void> enterSandbox(std::optional<pid_t> child = {});

}  // namespace vsdump
