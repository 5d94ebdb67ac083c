// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/nitro.h"

namespace vsdump::payload {

namespace {
namespace nitro {

constexpr Port kPort{9000};
constexpr std::byte kBeat{0xB7};

/// One byte is little to go by: the port has to be the right one, too.
Verdict recognise(const Opening& opening) {
  const bool isBeat = opening.facts.isFromStart && opening.facts.server.port == kPort &&
                      opening.toServer.size() == 1 && opening.toServer[0] == kBeat;
  return isBeat ? Verdict::Yes : Verdict::No;
}

class NitroHeartbeatDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (bytes.empty()) return Taken::nothing();
    if (bytes[0] != kBeat || bytes.size() != 1) return Taken::giveUp();
    if (d == Direction::ToServer) {
      context.ask(0, context.message("nitro", d, "heartbeat"));
    } else {
      context.answer(0, Outcome::Ok, {});
    }
    return Taken::some(1);
  }
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<NitroHeartbeatDecoder>();
}

}  // namespace nitro
}  // namespace

const Protocol kNitroHeartbeat{"nitro", "the boot heartbeat of AWS Nitro Enclaves",
                               nitro::recognise, nitro::make};

}  // namespace vsdump::payload
