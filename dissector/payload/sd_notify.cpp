// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/sd_notify.h"

#include <algorithm>
#include <array>

#include "dissector/names/cid_names.h"
#include "dissector/payload/cursor.h"

namespace vsdump::payload {

namespace {
namespace sd_notify {

/// A message begins with one of these; their values are shown, others' are not.
constexpr auto kKeys = std::to_array<std::string_view>(
    {"READY", "STATUS", "RELOADING", "STOPPING", "ERRNO", "EXIT_STATUS", "X_SYSTEMD_HOSTNAME",
     "X_SYSTEMD_MACHINE_ID", "X_SYSTEMD_UNIT_ACTIVE", "X_SYSTEMD_UNIT_INACTIVE",
     "X_SYSTEMD_SIGNALS_LEVEL", "X_SYSTEMD_SHUTDOWN", "X_SYSTEMD_REBOOT_PARAMETER"});

Verdict recognise(const Opening& opening) {
  const StreamFacts& facts = opening.facts;
  if (!facts.isFromStart || !isPrivileged(facts.client.port) || isPrivileged(facts.server.port) ||
      opening.toServer.empty()) {
    return Verdict::No;
  }
  const std::string_view text = textOf(opening.toServer);
  const std::size_t equals = text.find('=');
  if (equals != std::string_view::npos) {
    return std::ranges::find(kKeys, text.substr(0, equals)) == kKeys.end() ? Verdict::No
                                                                           : Verdict::Yes;
  }
  const auto begins = [&](std::string_view key) { return key.starts_with(text); };
  return std::ranges::any_of(kKeys, begins) ? Verdict::NeedMore : Verdict::No;
}

class SdNotifyDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (d == Direction::ToClient) return Taken::all();
    // The end of the message is the end of the connection's way, or that of the datagram.
    if (context.cut == Cut::No && !context.endsMessage) return Taken::nothing();
    if (!bytes.empty()) tell(textOf(bytes), context);
    return bytes.empty() ? Taken::nothing() : Taken::some(bytes.size());
  }

 private:
  static void tell(std::string_view text, Context& context) {
    Message message = context.message("sd_notify", Direction::ToServer, "notify");
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      const std::size_t equals = std::min(line.find('='), line.size());
      const auto key = std::ranges::find(kKeys, line.substr(0, equals));
      if (key != kKeys.end() && equals != line.size()) {
        message.details.text(*key, line.substr(equals + 1));
      }
    }
    context.tell(std::move(message));
  }
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<SdNotifyDecoder>();
}

}  // namespace sd_notify
}  // namespace

const Protocol kSdNotify{"sd_notify", "systemd's notifications", sd_notify::recognise,
                         sd_notify::make};

}  // namespace vsdump::payload
