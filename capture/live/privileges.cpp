// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/privileges.h"

#include <cap-ng.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace vsdump {

namespace {

constexpr const char* kNobody = "nobody";

Account fromEntry(const passwd& entry) {
  return {.name = entry.pw_name, .uid = entry.pw_uid, .gid = entry.pw_gid};
}

Result<Account> accountNamed(const std::string& name) {
  errno = 0;
  if (const passwd* entry = getpwnam(name.c_str()); entry != nullptr) return fromEntry(*entry);
  // getpwnam(3): errno stays 0 where there is no such user, or some such is in it.
  const bool isAbsent =
      errno == 0 || errno == ENOENT || errno == ESRCH || errno == EBADF || errno == EPERM;
  Error error = systemError("go on as the user", name, errno);
  if (isAbsent) {
    error.kind = ErrorKind::NotFound;
    error.reason = "there is no such user";
  }
  error.hint = "-Z takes a user's name; -Z root keeps root's rights.";
  return tl::unexpected(std::move(error));
}

bool isRoot() {
  return getuid() == 0 || geteuid() == 0;
}

Error refused(const Account& account, std::string reason) {
  return {.kind = ErrorKind::Permission,
          .attempted = "give up root's rights and go on as",
          .subject = account.name,
          .reason = std::move(reason),
          .hint = "-Z root keeps the rights."};
}

/// Whether the process is the account's and nothing else's, for good.
bool isOnly(const Account& account) {
  std::array<uid_t, 3> uids{};
  std::array<gid_t, 3> gids{};
  getresuid(&uids[0], &uids[1], &uids[2]);
  getresgid(&gids[0], &gids[1], &gids[2]);
  for (const uid_t uid : uids) {
    if (uid != account.uid) return false;
  }
  for (const gid_t gid : gids) {
    if (gid != account.gid) return false;
  }
  return setuid(0) != 0;
}

/// Whether the process has no capability but `kept`.
bool hasNoOther(std::optional<int> kept) {
  capng_clear(CAPNG_SELECT_ALL);
  if (capng_get_caps_process() != 0) return false;
  if (kept) {
    const auto which = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED);
    capng_update(CAPNG_DROP, which, static_cast<unsigned>(*kept));
  }
  return capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE;
}

/// Clears all sets but for `kept`, where it is held now.
void prepareSets(std::optional<int> kept) {
  const bool isHeld = kept && capng_get_caps_process() == 0 &&
                      capng_have_capability(CAPNG_PERMITTED, static_cast<unsigned>(*kept)) == 1;
  capng_clear(CAPNG_SELECT_BOTH);
  if (!isHeld) return;
  const auto which = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED);
  capng_update(CAPNG_ADD, which, static_cast<unsigned>(*kept));
}

}  // namespace

std::optional<Account> callingAccount() {
  for (const char* variable : {"SUDO_UID", "PKEXEC_UID"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr) continue;
    const std::string_view text = value;
    uid_t uid = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), uid);
    if (code != std::errc{} || end != text.data() + text.size() || uid == 0) continue;
    if (const passwd* entry = getpwuid(uid); entry != nullptr) return fromEntry(*entry);
  }
  return std::nullopt;
}

Result<Account> accountToBecome(const std::optional<std::string>& user) {
  if (!isRoot()) {
    const passwd* entry = getpwuid(getuid());
    if (entry != nullptr) return fromEntry(*entry);
    return Account{.name = std::to_string(getuid()), .uid = getuid(), .gid = getgid()};
  }
  if (!user) {
    if (std::optional<Account> caller = callingAccount()) return *caller;
  }
  return accountNamed(user.value_or(kNobody));
}

Result<void> becomeAccount(const Account& account, std::optional<int> kept) {
  if (account.uid == 0) return {};
  prepareSets(kept);
  if (isRoot()) {
    const auto flags = static_cast<capng_flags_t>(CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
    const int result =
        capng_change_id(static_cast<int>(account.uid), static_cast<int>(account.gid), flags);
    if (result != 0) return tl::unexpected(refused(account, "the system refuses it"));
    if (!isOnly(account)) return tl::unexpected(refused(account, "some of them are left"));
  } else if (capng_apply(CAPNG_SELECT_CAPS) != 0) {
    return tl::unexpected(refused(account, "the system refuses it"));
  }
  if (!hasNoOther(kept)) return tl::unexpected(refused(account, "capabilities are left"));
  // Programs that belong to root, such as sudo, give nothing back either.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return tl::unexpected(refused(account, "the system refuses no_new_privs"));
  }
  return {};
}

Result<void> becomeUser(const Account& account) {
  if (account.uid == 0 || !isRoot()) return {};
  // The kernel takes the capabilities along with root's number.
  if (initgroups(account.name.c_str(), account.gid) != 0 ||
      setresgid(account.gid, account.gid, account.gid) != 0 ||
      setresuid(account.uid, account.uid, account.uid) != 0) {
    return tl::unexpected(refused(account, std::strerror(errno)));
  }
  if (!isOnly(account)) return tl::unexpected(refused(account, "some of them are left"));
  if (!hasNoOther(std::nullopt)) {
    return tl::unexpected(refused(account, "capabilities are left"));
  }
  return {};
}

}  // namespace vsdump
