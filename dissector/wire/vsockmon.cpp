// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/wire/vsockmon.h"

#include "dissector/wire/bytes.h"

namespace vsdump {

VsockmonHeader parseVsockmonHeader(std::span<const std::byte, kVsockmonHeaderBytes> header) {
  return VsockmonHeader{
      .src = {Cid{le<std::uint64_t, 0>(header)}, Port{le<std::uint32_t, 16>(header)}},
      .dst = {Cid{le<std::uint64_t, 8>(header)}, Port{le<std::uint32_t, 20>(header)}},
      .op = MonitorOp{le<std::uint16_t, 24>(header)},
      .transport = Transport{le<std::uint16_t, 26>(header)},
      .transportLengthBytes = le<std::uint16_t, 28>(header),
      .reserved = le<std::uint16_t, 30>(header),
  };
}

}  // namespace vsdump
