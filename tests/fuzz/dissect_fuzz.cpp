// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "cli/json/packet_json.h"
#include "cli/text/packet_line.h"
#include "dissector/wire/packet.h"

/// Any bytes as one record: dissected, printed as text with everything on and as JSON. The first
/// byte chooses the length on the wire, which a file can claim as it likes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vsdump;
  if (size == 0) return 0;
  // A copy of exactly this size, so that a read beyond it is seen.
  const std::vector<std::byte> record(reinterpret_cast<const std::byte*>(data) + 1,
                                      reinterpret_cast<const std::byte*>(data) + size);
  const Frame frame{.bytes = record,
                    .timestampNs = 1'700'000'000'123'456'789,
                    .number = FrameNumber{1},
                    .wireLengthBytes = static_cast<std::uint32_t>(record.size() + data[0] % 8 * 9)};
  const Packet packet = dissect(frame);
  if (packet.payload.size() > packet.payloadLengthBytes) std::abort();
  LineBuffer text;
  PacketPrinter({.verbosity = 2}).print(text, frame, packet, 1);
  PacketPrinter({.quiet = true, .verbosity = 2, .hexDump = HexDump::HexAsciiWithLink})
      .print(text, frame, packet, 1);
  putPacketJson(text, frame, packet);
  if (text.size() == 0) std::abort();
  return 0;
}
