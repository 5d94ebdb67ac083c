// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/tls.h"

#include <algorithm>
#include <array>
#include <string>

#include "dissector/payload/cursor.h"

namespace vsdump::payload {

namespace {
namespace tls {

constexpr std::uint8_t kAlert = 21;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kServerHello = 2;
constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kApplicationProtocols = 16;
constexpr std::uint16_t kSupportedVersions = 43;
constexpr std::size_t kRecordHeaderBytes = 5;
constexpr std::size_t kLongestRecord = (1U << 14) + 256;
constexpr std::size_t kFirstBytes = kRecordHeaderBytes + 6;
constexpr std::uint64_t kHelloKey = 0;

struct Name {
  std::uint16_t value;
  std::string_view name;
};

constexpr auto kVersions = std::to_array<Name>({{0x0300, "SSL 3.0"},
                                                {0x0301, "TLS 1.0"},
                                                {0x0302, "TLS 1.1"},
                                                {0x0303, "TLS 1.2"},
                                                {0x0304, "TLS 1.3"}});
/// Those in use; others are shown as numbers. **Source** IANA, TLS Cipher Suites.
constexpr auto kCiphers = std::to_array<Name>({
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
});
/// **Source** RFC 8446, section 6.
constexpr auto kAlerts = std::to_array<Name>({{0, "close_notify"},
                                              {10, "unexpected_message"},
                                              {20, "bad_record_mac"},
                                              {22, "record_overflow"},
                                              {40, "handshake_failure"},
                                              {42, "bad_certificate"},
                                              {43, "unsupported_certificate"},
                                              {44, "certificate_revoked"},
                                              {45, "certificate_expired"},
                                              {46, "certificate_unknown"},
                                              {47, "illegal_parameter"},
                                              {48, "unknown_ca"},
                                              {49, "access_denied"},
                                              {50, "decode_error"},
                                              {51, "decrypt_error"},
                                              {70, "protocol_version"},
                                              {71, "insufficient_security"},
                                              {80, "internal_error"},
                                              {86, "inappropriate_fallback"},
                                              {90, "user_canceled"},
                                              {109, "missing_extension"},
                                              {110, "unsupported_extension"},
                                              {112, "unrecognized_name"},
                                              {116, "certificate_required"},
                                              {120, "no_application_protocol"}});

std::string nameOf(std::span<const Name> names, std::uint16_t value) {
  const auto found = std::ranges::find(names, value, &Name::value);
  if (found != names.end()) return std::string(found->name);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 12; shift >= 0; shift -= 4) text += kDigits[value >> shift & 0xF];
  return text;
}

/// GREASE: values that clients send so that servers learn to ignore what they do not know.
bool isGrease(std::uint16_t value) {
  return (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);
}

bool isVersion(Bytes bytes, std::size_t at) {
  return bytes[at] == std::byte{3} && bytes[at + 1] <= std::byte{4};
}

/// A record that holds the beginning of a hello.
Verdict beginsHello(Bytes bytes, std::uint8_t type) {
  if (bytes.empty()) return Verdict::No;
  if (bytes[0] != std::byte{kHandshake}) return Verdict::No;
  if (bytes.size() < kFirstBytes) return Verdict::NeedMore;
  Cursor cursor(bytes.subspan(3));
  const std::size_t length = cursor.u16();
  const bool isLikely = isVersion(bytes, 1) && length >= 42 && length <= kLongestRecord &&
                        cursor.u8() == type && cursor.u24() < kLongestRecord && isVersion(bytes, 9);
  return isLikely ? Verdict::Yes : Verdict::No;
}

Verdict recognise(const Opening& opening) {
  // Where the server calls back, the sides are the other way round.
  for (const Direction d : {Direction::ToServer, Direction::ToClient}) {
    const Verdict verdict = beginsHello(opening.way(d), kClientHello);
    if (verdict != Verdict::No) return verdict;
  }
  return Verdict::No;
}

class TlsDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (context.cut == Cut::End) return Taken::nothing();
    if (bytes.size() < kRecordHeaderBytes) return Taken::nothing(kRecordHeaderBytes);
    Cursor cursor(bytes);
    const std::uint8_t type = cursor.u8();
    cursor.u16();
    const std::size_t length = cursor.u16();
    const std::size_t whole = kRecordHeaderBytes + length;
    if (!isVersion(bytes, 1) || length > kLongestRecord) return Taken::giveUp();
    if (bytes.size() < whole && context.cut == Cut::No) return Taken::nothing(whole);
    const Bytes body = upTo(cursor.rest(), length);
    if (type == kHandshake && !body.empty()) {
      const auto kind = std::to_integer<std::uint8_t>(body[0]);
      if (kind == kClientHello && !hasClient_) {
        onClientHello(d, body, context);
        return Taken::all();
      }
      if (kind == kServerHello && hasClient_ && d != client_) {
        onServerHello(body, context);
        return Taken::all();
      }
    }
    if (type == kAlert && length == 2 && hasClient_ && d != client_ && body.size() == 2) {
      context.answer(kHelloKey, Outcome::Error,
                     nameOf(kAlerts, std::to_integer<std::uint16_t>(body[1])));
    }
    return Taken::all();
  }

 private:
  /// Whether a hello is not cut short, nor goes on in another record.
  static bool isWhole(Bytes hello) {
    Cursor cursor(hello);
    cursor.u8();
    return cursor.u24() <= cursor.rest().size();
  }

  /// Passes the version, which is returned, the random and the session id.
  static std::uint16_t passHelloStart(Cursor& cursor) {
    cursor.u8();
    cursor.u24();
    const std::uint16_t version = cursor.u16();
    cursor.bytes(32);
    cursor.bytes(cursor.u8());
    return version;
  }

  /// Calls `take` with the type and the bytes of each extension; whether it has come to the end of
  /// them.
  template <typename Take>
  static bool eachExtension(Cursor cursor, Take&& take) {
    if (cursor.rest().empty()) return cursor.isOk();  // old versions may have none
    const std::size_t length = cursor.u16();
    Cursor extensions(upTo(cursor.rest(), length));
    while (extensions.isOk() && !extensions.rest().empty()) {
      const std::uint16_t type = extensions.u16();
      const Bytes data = extensions.bytes(extensions.u16());
      if (extensions.isOk()) take(type, data);
    }
    return cursor.isOk() && extensions.isOk() && cursor.rest().size() >= length;
  }

  void onClientHello(Direction d, Bytes body, Context& context) {
    hasClient_ = true;
    client_ = d;
    Cursor cursor(body);
    std::uint16_t version = passHelloStart(cursor);
    cursor.bytes(cursor.u16());  // ciphers
    cursor.bytes(cursor.u8());   // compressions
    std::string name;
    std::string protocols;
    const bool hasAll = eachExtension(cursor, [&](std::uint16_t type, Bytes data) {
      Cursor inside(data);
      if (type == kServerName) {
        inside.u16();
        if (inside.u8() == 0) name = inside.text(inside.u16());
      } else if (type == kApplicationProtocols) {
        protocols = protocolNames(data);
      } else if (type == kSupportedVersions) {
        for (std::size_t left = inside.u8() / 2U; left != 0 && inside.isOk(); --left) {
          const std::uint16_t each = inside.u16();
          if (!isGrease(each)) version = std::max(version, each);
        }
      }
    });
    Message message = context.message("tls", d, "ClientHello");
    message.details.text("server_name", name);
    message.details.text("alpn", protocols);
    // An extension that is missing may offer a newer one.
    if (hasAll && isWhole(body)) message.details.text("offers", nameOf(kVersions, version));
    context.ask(kHelloKey, std::move(message));
  }

  void onServerHello(Bytes body, Context& context) {
    Cursor cursor(body);
    std::uint16_t version = passHelloStart(cursor);
    const std::uint16_t cipher = cursor.u16();
    cursor.u8();
    const bool hasCipher = cursor.isOk();
    std::string protocol;
    const bool hasAll = eachExtension(cursor, [&](std::uint16_t type, Bytes data) {
      if (type == kSupportedVersions && data.size() == 2) version = Cursor(data).u16();
      if (type == kApplicationProtocols) protocol = protocolNames(data);
    });
    if (Message* message = context.asked(kHelloKey); message != nullptr && hasCipher) {
      if (hasAll && isWhole(body)) message->reply.text("version", nameOf(kVersions, version));
      message->reply.text("cipher", nameOf(kCiphers, cipher));
      message->reply.text("alpn", protocol);
    }
    context.answer(kHelloKey, Outcome::Ok, {});
  }

  static std::string protocolNames(Bytes list) {
    std::string names;
    Cursor cursor(list);
    cursor.u16();
    while (cursor.isOk() && !cursor.rest().empty() && names.size() < Details::kLongestText) {
      const std::string_view name = cursor.text(cursor.u8());
      if (!names.empty()) names += ',';
      names += name;
    }
    return names;
  }

  bool hasClient_ = false;
  Direction client_ = Direction::ToServer;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<TlsDecoder>();
}

}  // namespace tls
}  // namespace

const Protocol kTls{"tls", "the hellos of TLS", tls::recognise, tls::make};

}  // namespace vsdump::payload
