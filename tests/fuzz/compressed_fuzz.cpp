// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/fuzz/reading.h"

/// Any bytes as a file that may be compressed, or no capture at all. What compression expands to is
/// too much to promise the same order of bytes and ends for, so the two readings are not compared.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  vsdump::fuzz::readAll(file, size + 1);
  vsdump::fuzz::readAll(file, 1 + size / 7);
  return 0;
}
