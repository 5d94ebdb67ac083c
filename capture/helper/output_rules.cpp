// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/helper/output_rules.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>

namespace vsdump {

namespace {

/// Whether the file has a name that anybody may have chosen: a pipe of a shell's has none.
bool isNamed(const Descriptor& file, const struct stat& status) {
  struct statfs system {};
  return S_ISREG(status.st_mode) ||
         (S_ISFIFO(status.st_mode) && ::fstatfs(file.get(), &system) == 0 &&
          system.f_type != PIPEFS_MAGIC);
}

}  // namespace

std::optional<FileIdentity> identityOf(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileIdentity{.device = status.st_dev, .inode = status.st_ino};
}

Refusal OutputRules::judge(const Descriptor& file) const {
  const auto identity = identityOf(file);
  if (identity && std::ranges::find(read, *identity) != read.end()) return Refusal::Read;
  struct stat status {};
  const bool isForeign = owner && ::fstat(file.get(), &status) == 0 && status.st_uid != 0 &&
                         status.st_uid != *owner && isNamed(file, status);
  return isForeign ? Refusal::SomebodyElses : Refusal::None;
}

Result<void> accepted(Refusal refusal, const std::string& name) {
  Error error{.kind = ErrorKind::Io, .attempted = "write to", .subject = name};
  switch (refusal) {
    case Refusal::None:
      return {};
    case Refusal::NotRegular:
      error.reason = "it is no regular file";
      break;
    case Refusal::SeveralNames:
      error.reason = "the file has another name as well (a hard link)";
      error.hint = "Remove it first.";
      break;
    case Refusal::SomebodyElses:
      error.reason = "it belongs to another user, who could read and change what is written";
      error.hint = "Remove it first, or go on as that user (-Z USER).";
      break;
    case Refusal::Read:
      error.kind = ErrorKind::Usage;
      error.reason = "it is the file that is read";
      error.hint = "Write to another file and rename it afterwards.";
      break;
  }
  return tl::unexpected(std::move(error));
}

}  // namespace vsdump
