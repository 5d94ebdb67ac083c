// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "capture/error.h"

namespace vsdump {

/// A user as whom the process goes on once its sockets and files are open.
struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Who called sudo or pkexec, unless that was root.
std::optional<Account> callingAccount();

/// Whom root's rights are given up for: `user` where it is given, else who called sudo or pkexec,
/// else nobody. A process that is not root's stays who it is, whatever `user` says, as tcpdump
/// does.
///
/// **Errors** NotFound for a user that does not exist.
Result<Account> accountToBecome(const std::optional<std::string>& user);

/// Goes on as `account`, with its groups, without any capability and without a way to get one back,
/// and makes sure of it. Nothing is given up when the account is root's: that was asked for.
/// `kept` is a capability (CAP_) that it keeps nevertheless, where the process has it.
///
/// **Threads** Must be called before any other thread is started: capabilities belong to threads.
/// **Errors** Permission when the system refuses; the process must end then.
Result<void> becomeAccount(const Account& account, std::optional<int> kept = std::nullopt);

/// Goes on as if `account` had started the program: with no more rights than that user has, but
/// with the ways to ask for more that are that user's, such as pkexec.
///
/// **Errors** Permission when the system refuses; the process must end then.
Result<void> becomeUser(const Account& account);

}  // namespace vsdump
