// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/fuzz/reading.h"

/// Any bytes as a file that may be compressed, or no capture at all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vsdump::fuzz::readWholeAndInPieces(std::as_bytes(std::span(data, size)));
  return 0;
}
