// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/wire/virtio.h"

#include "dissector/wire/bytes.h"

namespace vsdump {

VirtioHeader parseVirtioHeader(std::span<const std::byte, kVirtioHeaderBytes> header) {
  return VirtioHeader{
      .src = {Cid{le<std::uint64_t, 0>(header)}, Port{le<std::uint32_t, 16>(header)}},
      .dst = {Cid{le<std::uint64_t, 8>(header)}, Port{le<std::uint32_t, 20>(header)}},
      .payloadLengthBytes = le<std::uint32_t, 24>(header),
      .type = VirtioType{le<std::uint16_t, 28>(header)},
      .op = VirtioOp{le<std::uint16_t, 30>(header)},
      .flags = le<std::uint32_t, 32>(header),
      .bufAlloc = le<std::uint32_t, 36>(header),
      .fwdCnt = le<std::uint32_t, 40>(header),
  };
}

}  // namespace vsdump
