// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstddef>
#include <cstdint>
#include <span>

#include "capture/file/pcapng_reader.h"
#include "tests/fuzz/reading.h"

/// Any bytes as a pcapng file. What begins as no such file is left to the others.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  if (size < 4 || !vsdump::PcapngReader::recognises(file)) return 0;
  vsdump::fuzz::readWholeAndInPieces(file);
  return 0;
}
