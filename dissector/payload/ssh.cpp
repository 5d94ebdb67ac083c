// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/ssh.h"

#include <algorithm>
#include <array>
#include <string>

#include "dissector/payload/cursor.h"

namespace vsdump::payload {

namespace {
namespace ssh {

constexpr std::string_view kBanner = "SSH-";
constexpr std::size_t kLongestBanner = 255;
constexpr std::size_t kLongestPacket = 35000;
constexpr std::uint8_t kKeyExchangeInit = 20;
constexpr std::size_t kLists = 8;  // the languages after them are not used

/// In the order of the message.
constexpr std::array<std::string_view, kLists> kKeys{
    "kex",           "host_key",      "cipher_to_server",      "cipher_to_client",
    "mac_to_server", "mac_to_client", "compression_to_server", "compression_to_client"};

Verdict recognise(const Opening& opening) {
  bool needsMore = false;
  for (const Bytes way : {opening.toServer, opening.toClient}) {
    const std::string_view text = textOf(way);
    if (text.starts_with("SSH-2.0-") || text.starts_with("SSH-1.")) return Verdict::Yes;
    constexpr std::string_view kLonger = "SSH-2.0-";
    constexpr std::string_view kOlder = "SSH-1.";
    if (!text.empty() && (kLonger.starts_with(text) || kOlder.starts_with(text))) needsMore = true;
  }
  return needsMore ? Verdict::NeedMore : Verdict::No;
}

/// Where ciphers bring their own authentication, no MAC is used.
bool isAuthenticated(std::string_view cipher) {
  return cipher.find("poly1305") != std::string_view::npos ||
         cipher.find("gcm") != std::string_view::npos;
}

/// Calls `take` with each name of a list until it says that it is enough.
template <typename Take>
bool anyName(std::string_view list, Take&& take) {
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    if (take(name)) return true;
    list.remove_prefix(std::min(name.size() + 1, list.size()));
  }
  return false;
}

/// The first name of the client's list that the server has, too; empty without one.
std::string agreed(std::string_view client, std::string_view server) {
  std::string found;
  anyName(client, [&](std::string_view wanted) {
    if (!anyName(server, [&](std::string_view has) { return has == wanted; })) return false;
    found = wanted;
    return true;
  });
  return found;
}

class SshDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (context.cut != Cut::No) return Taken::all();
    return ways_[index(d)].hasBanner ? onPacket(d, bytes, context) : onLine(d, bytes, context);
  }

 private:
  using Lists = std::array<std::string, kLists>;
  struct Way {
    bool hasBanner = false;
    bool hasLists = false;
    Lists lists;
  };

  Taken onLine(Direction d, Bytes bytes, Context& context) {
    const std::string_view text = textOf(bytes);
    const std::size_t end = text.find('\n');
    if (std::min(end, text.size()) > kLongestBanner) return Taken::giveUp();
    if (end == std::string_view::npos) return Taken::nothing();
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(kBanner)) {
      ways_[index(d)].hasBanner = true;
      Message message = context.message("ssh", d, "banner");
      message.details.text("version", line.substr(kBanner.size()));
      context.tell(std::move(message));
    }
    return Taken::some(end + 1);  // servers may greet with lines before it
  }

  Taken onPacket(Direction d, Bytes bytes, Context& context) {
    constexpr std::size_t kHeaderBytes = 6;
    if (bytes.size() < kHeaderBytes) return Taken::nothing(kHeaderBytes);
    Cursor cursor(bytes);
    const std::size_t length = cursor.u32();
    const std::size_t padding = cursor.u8();
    if (length > kLongestPacket || length < padding + 2) return Taken::giveUp();
    if (cursor.u8() != kKeyExchangeInit) return Taken::all();
    if (bytes.size() < 4 + length) return Taken::nothing(4 + length);
    Cursor message(bytes.subspan(kHeaderBytes, length - padding - 2));
    message.bytes(16);
    Way& way = ways_[index(d)];
    for (std::string& list : way.lists) list = message.text(message.u32());
    if (!message.isOk()) return Taken::giveUp();
    way.hasLists = true;
    if (ways_[0].hasLists && ways_[1].hasLists) tellAgreement(context);
    return Taken::all();
  }

  void tellAgreement(Context& context) {
    const Lists& client = ways_[index(Direction::ToServer)].lists;
    const Lists& server = ways_[index(Direction::ToClient)].lists;
    Message message = context.message("ssh", Direction::ToServer, "key exchange");
    Lists chosen;
    for (std::size_t i = 0; i < kLists; ++i) chosen[i] = agreed(client[i], server[i]);
    for (std::size_t i = 0; i < kLists; ++i) {
      constexpr std::size_t kFirstMac = 4;
      constexpr std::size_t kFirstCipher = 2;
      const bool isMac = i == kFirstMac || i == kFirstMac + 1;
      if (isMac && isAuthenticated(chosen[i - kFirstMac + kFirstCipher])) continue;
      if (chosen[i].empty() && message.error.empty()) {
        message.outcome = Outcome::Error;
        message.error = "no common " + std::string(kKeys[i]);
      }
      if (chosen[i] != "none") message.details.text(kKeys[i], chosen[i]);
    }
    context.tell(std::move(message));
  }

  std::array<Way, 2> ways_;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<SshDecoder>();
}

}  // namespace ssh
}  // namespace

const Protocol kSsh{"ssh", "the banners and the key exchange of SSH", ssh::recognise, ssh::make};

}  // namespace vsdump::payload
