// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/error.h"
#include "capture/file/descriptor.h"

namespace vsdump {

/// A regular file, whatever its names.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// That of an open file; none where it is not a regular one.
std::optional<FileIdentity> identityOf(const Descriptor& file);

/// Why an output file that was there before is not written to.
enum class Refusal : std::uint32_t { None, NotRegular, SeveralNames, SomebodyElses, Read };

/// Which files that were there before are not written to.
struct OutputRules {
  /// Where files are opened with root's rights: the user who may own them, besides root. Who owns a
  /// file can change what is written to it, and may have put it there for that.
  std::optional<uid_t> owner;
  std::vector<FileIdentity> read;  ///< those that the packets come from

  /// What these say of a file, before anything is done to it.
  Refusal judge(const Descriptor& file) const;
};

/// Nothing where the file may be written to.
Result<void> accepted(Refusal refusal, const std::string& name);

}  // namespace vsdump
