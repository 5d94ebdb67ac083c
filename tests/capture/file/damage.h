// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "tests/capture/file/drained.h"

namespace vsdump::test {

/// A stretch of a file that something happened to.
struct Damage {
  std::size_t begin;    ///< in the whole file
  std::size_t end;      ///< the same as begin where bytes were inserted
  bool isLost = false;  ///< the bytes are missing from the file
};

/// Whether packets that the damage does not touch are all there, in order and unchanged; nothing is
/// there that was not in the file, but for the packets that are hit where it does not show; and it
/// is said where anything is missing or wrong. `offsets` are those of the packets, and the end of
/// the last one.
///
/// Where the bytes that are lost end as far into a record as they began in one, or leave of one
/// that is hit what its length covers, or a header alone, nothing shows that they are missing: then
/// anything is right.
bool onlyTheHitPacketsSuffer(const std::vector<Packet>& packets,
                             const std::vector<std::size_t>& offsets, const Damage& damage,
                             const Drained& drained);

}  // namespace vsdump::test
