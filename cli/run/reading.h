// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "capture/source.h"

namespace vsdump {

/// What one read() of a source has brought, with what the source has told along with it: all that
/// is needed of it while the source is further on.
struct Reading {
  SourceState state = SourceState::More;
  std::span<const Frame> frames{};  ///< valid as Batch::frames is
  std::vector<SourceNotice> notices{};
  std::vector<Comment> comments{};
  std::vector<CaptureInterface> interfaces{};
  std::optional<double> progress{};
  std::size_t place = 0;  ///< for PacketSource::prefetch()

  /// Reads. Returns whether the next packets are there, can be read while these are worked on, and
  /// these are so many that it pays.
  /// **Errors** those of read().
  Result<bool> from(PacketSource& source);
};

}  // namespace vsdump
