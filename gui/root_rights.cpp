// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/root_rights.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "capture/live/privileges.h"

namespace vsdump::gui {

Result<void> giveUpRootsRights(const std::optional<std::string>& user) {
  if (::geteuid() != 0) return {};
  if (!user && !callingAccount()) {
    return tl::unexpected(Error{.kind = ErrorKind::Usage,
                                .attempted = "give up root's rights",
                                .reason = "nobody has called it by sudo or pkexec",
                                .hint =
                                    "Start it as the user who looks at packets, or with -Z USER; "
                                    "-Z root reads them with root's rights."});
  }
  Result<Account> account = accountToBecome(user);
  if (!account) return tl::unexpected(std::move(account.error()));
  if (account->uid == 0) return {};
  const passwd* const entry = ::getpwuid(account->uid);
  const std::string home = entry != nullptr ? entry->pw_dir : "/";
  if (Result<void> became = becomeUser(*account); !became) return became;
  ::setenv("HOME", home.c_str(), 1);
  ::setenv("USER", account->name.c_str(), 1);
  ::setenv("LOGNAME", account->name.c_str(), 1);
  const std::filesystem::path session = "/run/user/" + std::to_string(account->uid);
  std::error_code absent;
  if (std::filesystem::is_directory(session, absent)) {
    ::setenv("XDG_RUNTIME_DIR", session.c_str(), 1);
  } else {
    ::unsetenv("XDG_RUNTIME_DIR");
  }
  return {};
}

}  // namespace vsdump::gui
