// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <span>
#include <string>

#include "capture/error.h"
#include "capture/file/descriptor.h"
#include "capture/live/privileges.h"

namespace vsdump {

/// What a process of vsdump's own may do.
struct HelperRights {
  Account account;     ///< as whom it goes on
  int capability = 0;  ///< CAP_: the only one that it keeps, where the process had it
};

/// Starts a process that holds one right for this one, which gives it up, and returns this end of
/// the connection (SOCK_SEQPACKET) between the two. `work` is called in the new process with the
/// other end; the process ends when it returns. It has standard input, output and error, the
/// connection and `descriptors` open, and nothing else; signals do not reach it, as it has to
/// outlive a Ctrl-C that both get. It learns by the end of the connection that this process is no
/// more.
///
/// **Threads** before any other thread is started.
/// **Errors** Io, Permission when the rights cannot be given up.
Result<Descriptor> startHelper(const char* name, const HelperRights& rights,
                               std::span<const int> descriptors,
                               const std::function<void(int connection)>& work);

/// In a process that startHelper() has started: makes signals mean again what they did.
void restoreSignals();

}  // namespace vsdump
