// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/give_way.h"

#include <sys/resource.h>
#include <unistd.h>

namespace vsdump::gui {

void giveWay(int steps) {
  // On Linux this is a thread's own, whatever POSIX says of processes.
  const auto thread = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + steps);
}

}  // namespace vsdump::gui
