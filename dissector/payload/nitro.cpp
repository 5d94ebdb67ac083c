// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/nitro.h"

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "dissector/names/cid_names.h"
#include "dissector/payload/cursor.h"
#include "dissector/payload/line_end.h"

namespace vsdump::payload {

namespace {
namespace nitro {

constexpr Port kHeartbeatPort{9000};
constexpr std::uint32_t kFirstConsolePort = 10'000;
constexpr std::uint32_t kFirstEnclave = 4;
constexpr std::byte kBeat{0xB7};

/// When the console of each enclave began, by the source of the capture and the enclave's CID.
struct Consoles : Shared {
  std::map<std::pair<std::uint32_t, Cid>, std::int64_t> openedNs;
  static constexpr std::size_t kMost = 4096;
};

/// One byte is little to go by: the port has to be the right one, too.
Verdict recognise(const Opening& opening) {
  const bool isBeat = opening.facts.isFromStart && opening.facts.server.port == kHeartbeatPort &&
                      opening.toServer.size() == 1 && opening.toServer[0] == kBeat;
  return isBeat ? Verdict::Yes : Verdict::No;
}

class HeartbeatDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (bytes.empty()) return Taken::nothing();
    if (bytes[0] != kBeat || bytes.size() != 1) return Taken::giveUp();
    if (d == Direction::ToServer) {
      context.ask(0, beat(context));
    } else {
      context.answer(0, Outcome::Ok, {});
    }
    return Taken::some(1);
  }

 private:
  static Message beat(Context& context) {
    constexpr std::int64_t kNsOfMs = 1'000'000;
    Message message = context.message("nitro", Direction::ToServer, "heartbeat");
    auto& consoles = context.shared<Consoles>().openedNs;
    const auto console =
        consoles.find(std::pair{context.facts().source, context.facts().client.cid});
    if (console == consoles.end()) return message;
    if (const std::int64_t took = context.timeNs - console->second; took >= 0) {
      message.details.number("ms_since_console", static_cast<std::uint64_t>(took / kNsOfMs));
    }
    consoles.erase(console);  // the next enclave with this CID has a console of its own
    return message;
  }
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<HeartbeatDecoder>();
}

/// Whose console a connection is; nothing where it is none.
std::optional<Cid> enclaveOf(const StreamFacts& facts) {
  const std::uint32_t port = raw(facts.server.port);
  if (facts.server.cid != kCidHypervisor || port < kFirstConsolePort + kFirstEnclave) return {};
  return Cid{port - kFirstConsolePort};
}

/// Nobody else has ports of the hypervisor, and nothing is ever sent to a console.
Verdict recogniseConsole(const Opening& opening) {
  const bool isConsole =
      enclaveOf(opening.facts) && opening.toServer.empty() && !opening.toClient.empty();
  return isConsole ? Verdict::Yes : Verdict::No;
}

class ConsoleDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (bytes.empty()) return Taken::nothing();
    if (d == Direction::ToServer) return Taken::giveUp();
    if (!std::exchange(hasBegun_, true)) begin(context);
    if (!context.showsSecrets()) return Taken::all();
    const std::string_view text = textOf(bytes);
    const std::optional<std::size_t> end = lineEnd_.find(text);
    if (!end) return LineEnd::without(context);
    std::string_view line = text.substr(0, *end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) {
      Message message = context.message("nitro-console", d, "line");
      message.details.text("text", line);
      context.tell(std::move(message));
    }
    return Taken::some(*end + 1);
  }

  void lost(Direction, Context&) override { lineEnd_.forget(); }

  bool mayBegin(Direction, Bytes) const override { return true; }

 private:
  static void begin(Context& context) {
    const StreamFacts& facts = context.facts();
    Message message = context.message("nitro-console", Direction::ToClient, "console");
    if (const std::optional<Cid> enclave = enclaveOf(facts)) {
      message.details.number("enclave", raw(*enclave));
      auto& consoles = context.shared<Consoles>().openedNs;
      if (consoles.size() >= Consoles::kMost) consoles.clear();
      if (facts.isFromStart) consoles[{facts.source, *enclave}] = facts.openedNs;
    }
    context.tell(std::move(message));
  }

  LineEnd lineEnd_;
  bool hasBegun_ = false;
};

std::unique_ptr<Decoder> makeConsole(const StreamFacts&) {
  return std::make_unique<ConsoleDecoder>();
}

}  // namespace nitro
}  // namespace

const Protocol kNitroHeartbeat{"nitro", "the boot heartbeat of AWS Nitro Enclaves",
                               nitro::recognise, nitro::make};
const Protocol kNitroConsole{"nitro-console", "the console of an AWS Nitro enclave",
                             nitro::recogniseConsole, nitro::makeConsole};

}  // namespace vsdump::payload
